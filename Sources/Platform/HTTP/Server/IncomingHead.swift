import CMicrohttpd
import Glibc

/// The head of a request as the library tells it, read in one walk.
struct IncomingHead {
    private(set) var path = ""
    private(set) var fields = HeaderFields(reserving: 512)
    private(set) var query: [(name: String, value: String)] = []
    private(set) var fault: HeadInspection.Fault?

    init(_ handle: OpaquePointer, url: UnsafePointer<CChar>) {
        setPath(String(cString: url))
        withUnsafeMutablePointer(to: &self) { _ = cmhd_head_values(handle, onHeadValue, $0) }
    }

    private mutating func setPath(_ url: String) {
        if url.utf8.first == UInt8(ascii: "/") || url == "*" {
            path = url
        } else if url.hasPrefix("http://") || url.hasPrefix("https://") {
            // The absolute form, as proxies send it (RFC 9112, 3.2.2): what follows the third slash.
            let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
            path = parts.count == 4 ? "/" + parts[3] : "/"
        } else {
            fault = .init(status: 400, reason: "the request's target is no path")
        }
    }

    fileprivate mutating func fieldCame(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        fields.append(name, value)
    }

    fileprivate mutating func pairCame(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        guard let name = PercentEncoding.decode(name, plusIsSpace: true),
            let value = PercentEncoding.decode(value, plusIsSpace: true)
        else {
            fault = .init(status: 400, reason: "a percent sign in the query is not followed by two hexadecimal digits")
            return
        }
        query.append((name, value))
    }
}

private func onHeadValue(
    _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?, _ nameCount: Int,
    _ value: UnsafePointer<CChar>?, _ valueCount: Int
) -> MHD_Result {
    guard let context, let name else { return cmhd_yes }
    let head = context.assumingMemoryBound(to: IncomingHead.self)
    let nameBytes = UnsafeRawBufferPointer(start: name, count: nameCount).assumingMemoryBound(to: UInt8.self)
    let valueBytes = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueCount)
        .assumingMemoryBound(to: UInt8.self)
    if cmhd_is_header(kind) != 0 {
        head.pointee.fieldCame(nameBytes, valueBytes)
    } else {
        head.pointee.pairCame(nameBytes, valueBytes)
    }
    return cmhd_yes
}
