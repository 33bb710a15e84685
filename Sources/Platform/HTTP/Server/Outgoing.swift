import CMicrohttpd
import Glibc

/// An answer on its way out: through the library, or as bytes past it.
enum Outgoing {
    /// Gives `response` to the library. `isLast`: the connection ends after it.
    static func queue(_ response: Response, on handle: OpaquePointer, isLast: Bool) -> MHD_Result {
        let created = response.body.withUnsafeBytes { cmhd_response($0.baseAddress, $0.count) }
        guard let created else { return cmhd_no }
        defer { MHD_destroy_response(created) }
        response.fields.forEach { name, value in
            // The library takes C strings, and each is followed by a zero; it refuses line breaks.
            name.withMemoryRebound(to: CChar.self) { name in
                value.withMemoryRebound(to: CChar.self) { value in
                    _ = MHD_add_response_header(created, name.baseAddress, value.baseAddress)
                }
            }
        }
        if isLast { MHD_add_response_header(created, "Connection", "close") }
        return MHD_queue_response(handle, UInt32(status(of: response)), created)
    }

    /// Interim answers and invalid status numbers are programming errors, but must not bring the process down.
    private static func status(of response: Response) -> Int { 200...599 ~= response.status ? response.status : 500 }

    /// `response` as it stands on the wire, the last one of its connection.
    static func bytes(_ response: Response, withBody: Bool) -> [UInt8] {
        let status = status(of: response)
        let reason = String(cString: MHD_get_reason_phrase_for(UInt32(status)))
        var bytes = Array("HTTP/1.1 \(status) \(reason)\r\n".utf8)
        response.fields.forEach { name, value in
            guard !isSetHere(name), !value.contains(where: { $0 < 0x20 && $0 != 0x09 }) else { return }
            bytes += name
            bytes += Array(": ".utf8)
            bytes += value
            bytes += Array("\r\n".utf8)
        }
        bytes += Array("Content-Length: \(response.body.count)\r\nConnection: close\r\n\r\n".utf8)
        if withBody { bytes += response.body }
        return bytes
    }

    private static func isSetHere(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        let name = String(decoding: name, as: UTF8.self).lowercased()
        return name == "content-length" || name == "connection" || name == "transfer-encoding"
    }
}
