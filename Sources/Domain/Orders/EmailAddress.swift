/// The rules for e-mail addresses that orders may name.
enum EmailAddress {
    /// RFC 5321, 4.5.3.1: a path of 256 octets with its angle brackets.
    static let countMax = 254
    private static let localCountMax = 64
    private static let labelCountMax = 63

    /// The address with its domain lower-cased; nil where it is none that mail can be sent to.
    ///
    /// Taken are a dot-atom (RFC 5322, 3.2.3) of ASCII, `@`, and a domain name of at least two labels. Quoted local
    /// parts, address literals and characters beyond ASCII are not: hardly any server takes them, and an
    /// internationalised domain has its `xn--` form.
    static func canonical(_ text: String) -> String? {
        var text = text
        let isDomainLower: Bool? = text.withUTF8 { bytes in
            guard bytes.count <= countMax, let at = bytes.firstIndex(of: UInt8(ascii: "@")) else { return nil }
            guard isLocal(UnsafeBufferPointer(rebasing: bytes[..<at])) else { return nil }
            let domain = UnsafeBufferPointer(rebasing: bytes[(at + 1)...])
            guard isDomain(domain) else { return nil }
            return !domain.contains { $0 &- UInt8(ascii: "A") < 26 }
        }
        guard let isDomainLower else { return nil }
        if isDomainLower { return text }
        let parts = text.split(separator: "@")
        return "\(parts[0])@\(parts[1].lowercased())"
    }

    private static func isLocal(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard 1...localCountMax ~= bytes.count, bytes.first != dot, bytes.last != dot else { return false }
        var previous: UInt8 = 0
        for byte in bytes {
            guard isAtomText(byte) || (byte == dot && previous != dot) else { return false }
            previous = byte
        }
        return true
    }

    private static func isDomain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var labelCount = 0
        var isNumeric = true
        for label in bytes.split(separator: dot, omittingEmptySubsequences: false) {
            guard 1...labelCountMax ~= label.count, label.first != hyphen, label.last != hyphen else { return false }
            guard label.allSatisfy({ isLetter($0) || isDigit($0) || $0 == hyphen }) else { return false }
            labelCount += 1
            isNumeric = label.allSatisfy(isDigit)
        }
        // A last label of digits alone makes it an address of IPv4, not a name.
        return labelCount >= 2 && !isNumeric
    }

    private static let dot = UInt8(ascii: ".")
    private static let hyphen = UInt8(ascii: "-")
    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private static func isAtomText(_ byte: UInt8) -> Bool {
        if isLetter(byte) || isDigit(byte) { return true }
        switch Unicode.Scalar(byte) {
        case "!", "#", "$", "%", "&", "'", "*", "+", "-", "/", "=", "?", "^", "_", "`", "{", "|", "}", "~": return true
        default: return false
        }
    }
}
