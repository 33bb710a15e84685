private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// Appends the base64 form of `bytes` (RFC 2045 §6.8).
/// - Parameter column: after so many characters, a multiple of four, CRLF is inserted, and at the end; nil: one line
///   without an end.
func appendBase64(_ bytes: [UInt8], to output: inout [UInt8], breakingAt column: Int? = nil) {
    let lineBytes = column.map { $0 / 4 * 3 } ?? max(1, bytes.count)
    let lines = (bytes.count + lineBytes - 1) / lineBytes
    let size = (bytes.count + 2) / 3 * 4 + 4 * lines + (column == nil ? 0 : 2 * lines)
    // Written in one piece: appending byte by byte took ten times as long.
    output += [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        var place = 0
        alphabet.withUnsafeBufferPointer { alphabet in
            bytes.withUnsafeBufferPointer { bytes in
                for start in stride(from: 0, to: bytes.count, by: lineBytes) {
                    let line = UnsafeBufferPointer(rebasing: bytes[start..<min(bytes.count, start + lineBytes)])
                    place = encode(line, alphabet, into: buffer, at: place)
                    guard column != nil else { continue }
                    buffer[place] = 13
                    buffer[place + 1] = 10
                    place += 2
                }
            }
        }
        count = place
    }
}

/// Writes the quartets of one line; returns where they end.
private func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ alphabet: UnsafeBufferPointer<UInt8>,
    into buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int
) -> Int {
    var place = start
    for triple in stride(from: 0, to: bytes.count, by: 3) {
        let left = bytes.count - triple
        let first = bytes[triple]
        let second = left > 1 ? bytes[triple + 1] : 0
        let third = left > 2 ? bytes[triple + 2] : 0
        buffer[place] = alphabet[Int(first >> 2)]
        buffer[place + 1] = alphabet[Int(first << 4 & 0x30 | second >> 4)]
        buffer[place + 2] = left > 1 ? alphabet[Int(second << 2 & 0x3C | third >> 6)] : UInt8(ascii: "=")
        buffer[place + 3] = left > 2 ? alphabet[Int(third & 0x3F)] : UInt8(ascii: "=")
        place += 4
    }
    return place
}
