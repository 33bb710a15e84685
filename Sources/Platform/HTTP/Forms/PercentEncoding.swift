/// Percent signs in addresses and forms (RFC 3986, 2.1).
public enum PercentEncoding {
    /// Decodes `text`; nil if a percent sign is not followed by two hexadecimal digits, or if the result is not UTF-8
    /// or has a zero byte.
    public static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> String? {
        decodedBytes(text, plusIsSpace: plusIsSpace).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The bytes alone, of whatever charset; nil as for text, but for UTF-8.
    static func decodedBytes(_ text: some Collection<UInt8>, plusIsSpace: Bool) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var at = text.startIndex
        while at != text.endIndex {
            var byte = text[at]
            text.formIndex(after: &at)
            if byte == UInt8(ascii: "%") {
                guard let high = nextDigit(of: text, &at), let low = nextDigit(of: text, &at) else { return nil }
                byte = high << 4 | low
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                byte = UInt8(ascii: " ")
            }
            guard byte != 0 else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// `text` with everything but letters, digits, `-`, `.`, `_` and `~` percent-encoded.
    public static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func nextDigit<Text: Collection<UInt8>>(of text: Text, _ at: inout Text.Index) -> UInt8? {
        guard at != text.endIndex else { return nil }
        defer { text.formIndex(after: &at) }
        return switch text[at] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): text[at] - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): text[at] - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): text[at] - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
