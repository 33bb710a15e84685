private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// Appends the base64 form of `bytes` (RFC 2045 §6.8).
/// - Parameter column: after so many characters, a multiple of four, CRLF is inserted, and at the end; nil: one line
///   without an end.
func appendBase64(_ bytes: [UInt8], to output: inout [UInt8], breakingAt column: Int? = nil) {
    let lineBytes = column.map { $0 / 4 * 3 } ?? max(1, bytes.count)
    output.reserveCapacity(output.count + bytes.count * 4 / 3 + bytes.count / lineBytes * 2 + 8)
    bytes.withUnsafeBufferPointer { bytes in
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + lineBytes)
            for place in stride(from: start, to: end, by: 3) {
                let second = place + 1 < end ? bytes[place + 1] : 0
                let third = place + 2 < end ? bytes[place + 2] : 0
                output.append(alphabet[Int(bytes[place] >> 2)])
                output.append(alphabet[Int(bytes[place] << 4 & 0x30 | second >> 4)])
                output.append(place + 1 < end ? alphabet[Int(second << 2 & 0x3C | third >> 6)] : UInt8(ascii: "="))
                output.append(place + 2 < end ? alphabet[Int(third & 0x3F)] : UInt8(ascii: "="))
            }
            if column != nil { output += [13, 10] }
            start = end
        }
    }
}
