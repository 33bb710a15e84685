private let base64URLDigits = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

/// Lower-case hexadecimal digits of `bytes`.
@inlinable
public func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
    let count = 2 * bytes.count
    return String(unsafeUninitializedCapacity: count) { text in
        var next = 0
        for byte in bytes {
            text[next] = hexadecimalDigit(byte >> 4)
            text[next + 1] = hexadecimalDigit(byte & 15)
            next += 2
        }
        return count
    }
}

/// 16 lower-case hexadecimal digits.
public func hexadecimal(_ word: UInt64) -> String {
    String(unsafeUninitializedCapacity: 16) { text in
        writeHexadecimal(word, to: text[...])
        return 16
    }
}

/// Fills `text` with the number's last lower-case hexadecimal digits: the order's and the event's ids are such numbers.
public func writeHexadecimal(_ number: UInt64, to text: Slice<UnsafeMutableBufferPointer<UInt8>>) {
    var rest = number
    var place = text.endIndex
    while place > text.startIndex {
        place -= 1
        text.base[place] = hexadecimalDigit(UInt8(truncatingIfNeeded: rest & 15))
        rest >>= 4
    }
}

/// The lower-case digit of a number below 16.
@inlinable
public func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
}

/// The bytes of an even number of hexadecimal digits, of either case; nil if there is any other character, or an odd
/// number of them.
public func bytes(hexadecimal text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count / 2)
    var high: UInt8?
    for character in text.utf8 {
        guard let digit = value(ofHexadecimal: character) else { return nil }
        if let first = high {
            bytes.append(first << 4 | digit)
            high = nil
        } else {
            high = digit
        }
    }
    return high == nil ? bytes : nil
}

private func value(ofHexadecimal character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}

/// RFC 4648 §5 without padding.
public func base64URL(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count * 4 + 2) / 3)
    var buffer: UInt32 = 0
    var bits = 0
    for byte in bytes {
        buffer = buffer << 8 | UInt32(byte)
        bits += 8
        while bits >= 6 {
            bits -= 6
            text.append(base64URLDigits[Int(buffer >> UInt32(bits) & 63)])
        }
    }
    if bits > 0 { text.append(base64URLDigits[Int(buffer << UInt32(6 - bits) & 63)]) }
    return String(decoding: text, as: UTF8.self)
}

/// The bytes of unpadded base64url; nil if the text is anything else, or if bits after the last byte are not zero (so
/// every byte string has one text only).
public func bytes(base64URL text: String) -> [UInt8]? { bytes(base64URL: ArraySlice(text.utf8)) }

/// The same for a text's bytes.
public func bytes(base64URL text: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count * 3 / 4)
    var buffer: UInt32 = 0
    var bits = 0
    for character in text {
        guard let digit = value(ofBase64URL: character) else { return nil }
        buffer = buffer << 6 | UInt32(digit)
        bits += 6
        if bits >= 8 {
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
        }
        buffer &= 0xFF
    }
    // Six left-over bits would be a lone digit, which writes no byte.
    guard bits < 6, buffer & (1 << UInt32(bits) - 1) == 0 else { return nil }
    return bytes
}

private func value(ofBase64URL character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "-"): 62
    case UInt8(ascii: "_"): 63
    default: nil
    }
}
