/// The bytes of base64 text (RFC 2045 §6.8: characters outside its alphabet, such as line ends, are ignored only if
/// `lenient`); nil if it is malformed.
func base64Decoded(_ text: some Sequence<UInt8>, lenient: Bool = false) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for character in text {
        let value: UInt32
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(character - 65)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(character - 97) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(character - 48) + 52
        case UInt8(ascii: "+"): value = 62
        case UInt8(ascii: "/"): value = 63
        case UInt8(ascii: "="):
            padding += 1
            continue
        default:
            if lenient { continue }
            return nil
        }
        guard padding == 0 || lenient else { return nil }
        bits = bits << 6 | value
        count += 1
        if count % 4 == 0 { bytes += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)] }
    }
    switch count % 4 {
    case 2: bytes.append(UInt8(bits >> 4 & 255))
    case 3: bytes += [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)]
    case 1: if !lenient { return nil }
    default: break
    }
    return lenient || (count + padding) % 4 == 0 ? bytes : nil
}

/// The bytes of quoted-printable text (RFC 2045 §6.7); malformed sequences stay as they are.
/// - Parameter isWord: the form of encoded words, where `_` is a space (RFC 2047 §4.2).
func quotedPrintableDecoded(_ text: ArraySlice<UInt8>, isWord: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = text
    while let character = rest.popFirst() {
        guard character == UInt8(ascii: "=") else {
            bytes.append(isWord && character == UInt8(ascii: "_") ? 32 : character)
            continue
        }
        // A soft line break: "=", perhaps spaces, CR LF.
        let afterSpaces = rest.drop { $0 == 32 || $0 == 9 }
        if afterSpaces.first == 10 {
            rest = afterSpaces.dropFirst()
        } else if afterSpaces.starts(with: [13, 10]) {
            rest = afterSpaces.dropFirst(2)
        } else if let high = rest.first.flatMap(hexValue), let low = rest.dropFirst().first.flatMap(hexValue) {
            bytes.append(high << 4 | low)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(character)
        }
    }
    return bytes
}

func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}
