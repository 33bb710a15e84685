private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// Appends the base64 form of `bytes` (RFC 2045 §6.8).
/// - Parameter column: after so many characters CRLF is inserted, and at the end; nil: one line without an end.
func appendBase64(_ bytes: some Collection<UInt8>, to output: inout [UInt8], breakingAt column: Int? = nil) {
    var bits: UInt32 = 0
    var pending = 0
    var width = 0
    func quartet(_ count: Int) {
        for place in 0..<4 {
            output.append(place <= count ? alphabet[Int(bits >> (18 - 6 * UInt32(place))) & 63] : UInt8(ascii: "="))
        }
        width += 4
        if let column, width >= column {
            output += [13, 10]
            width = 0
        }
        bits = 0
        pending = 0
    }
    for byte in bytes {
        bits |= UInt32(byte) << (16 - 8 * UInt32(pending))
        pending += 1
        if pending == 3 { quartet(3) }
    }
    if pending > 0 { quartet(pending) }
    if column != nil, width > 0 { output += [13, 10] }
}
