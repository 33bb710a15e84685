import Hostnames

/// The rules for e-mail addresses that orders may name.
enum EmailAddress {
    /// RFC 5321, 4.5.3.1: a path of 256 octets with its angle brackets.
    static let countMaximum = 254
    private static let localCountMaximum = 64
    private static let labelCountMaximum = 63

    /// The address with its domain lower-cased, and in its `xn--` form where it is beyond ASCII; nil if no mail can be
    /// sent to it: ``fault(in:)`` says why.
    ///
    /// Taken are a dot-atom (RFC 5322, 3.2.3) of ASCII, `@`, and a domain name of at least two labels. Quoted local
    /// parts, address literals and names beyond ASCII are not: hardly any server accepts them.
    static func canonical(_ text: String) -> String? {
        var text = text
        let isDomainLower: Bool? = text.withUTF8 { bytes in
            guard bytes.count <= countMaximum, let at = bytes.firstIndex(of: UInt8(ascii: "@")) else { return nil }
            guard isLocal(UnsafeBufferPointer(rebasing: bytes[..<at])) else { return nil }
            let domain = UnsafeBufferPointer(rebasing: bytes[(at + 1)...])
            guard isDomain(domain) else { return nil }
            return !domain.contains { $0 &- UInt8(ascii: "A") < 26 }
        }
        guard let isDomainLower else { return international(text) }
        if isDomainLower { return text }
        let parts = text.split(separator: "@")
        return "\(parts[0])@\(parts[1].lowercased())"
    }

    /// The same where the domain is beyond ASCII.
    private static func international(_ text: String) -> String? {
        let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[1].utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        guard halves[0].utf8.allSatisfy({ $0 < 0x80 }), let domain = asciiHostname(String(halves[1])) else {
            return nil
        }
        return canonical("\(halves[0])@\(domain)")
    }

    /// What is wrong with an address that ``canonical(_:)`` refuses, to follow "expected".
    static func fault(in text: String) -> String {
        let halves = text.split(separator: "@", omittingEmptySubsequences: false)
        if halves.count < 2 { return "an address like name@example.com, with an @" }
        if halves.count > 2 || text.contains(where: { " ,;<>".contains($0) }) {
            return "one address like name@example.com, and nothing else"
        }
        let (local, domain) = (halves[0], halves[1])
        if local.isEmpty || domain.isEmpty { return "a name before the @ and a domain after it" }
        if !local.utf8.allSatisfy({ $0 < 0x80 }) {
            return "Latin letters before the @: mail servers accept no others there"
        }
        if local.utf8.count > localCountMaximum { return "at most \(localCountMaximum) characters before the @" }
        if text.contains("..") || local.first == "." || local.last == "." || domain.first == "." || domain.last == "." {
            return "no leading, trailing or repeated dots"
        }
        if !domain.contains(".") { return "a domain with a dot, like example.com, after the @" }
        if domain.allSatisfy({ $0 == "[" || $0 == "]" || $0 == ":" || $0 == "." || $0.isHexDigit }),
            domain.contains(where: \.isNumber)
        {
            return "a domain name after the @, not an IP address"
        }
        if text.utf8.count > countMaximum { return "at most \(countMaximum) characters" }
        if !isLocal(local) { return "letters, digits and . _ - + before the @" }
        return "a domain of letters, digits and inner hyphens, like example.com, after the @"
    }

    private static func isLocal(_ text: Substring) -> Bool {
        Array(text.utf8).withUnsafeBufferPointer { isLocal($0) }
    }

    private static func isLocal(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard 1...localCountMaximum ~= bytes.count, bytes.first != dot, bytes.last != dot else { return false }
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
            guard 1...labelCountMaximum ~= label.count, label.first != hyphen, label.last != hyphen else {
                return false
            }
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
