/// A person or program that mail goes to or comes from.
public struct MailAddress: Sendable, Equatable {
    /// The display name, any Unicode text; nil for a bare address.
    public var name: String?
    /// `local@domain`.
    public var address: String
    public init(name: String? = nil, address: String) {
        self.name = name
        self.address = address
    }

    /// Parses `local@domain`, or `Name <local@domain>` as in `MAIL_FROM`.
    ///
    /// - Throws: ``MailError/Code/invalidAddress`` if the text is neither.
    public init(parsing text: String) throws(MailError) {
        let trimmed = text.trimmingSpaces()
        guard trimmed.hasSuffix(">"), let open = trimmed.lastIndex(of: "<") else {
            self.init(address: trimmed)
            try check(field: "address")
            return
        }
        var name = trimmed[..<open].trimmingSpaces()
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") { name = String(name.dropFirst().dropLast()) }
        self.init(
            name: name.isEmpty ? nil : name, address: String(trimmed[trimmed.index(after: open)...].dropLast()))
        try check(field: "address")
    }

    /// Throws if not every mail server would accept the address: a dot-atom of ASCII before the `@` (RFC 5321 §4.1.2,
    /// without the quoted form that no shop's buyer has), a host name after it.
    func check(field: String) throws(MailError) {
        func refuse(_ why: String) -> MailError { MailError(.invalidAddress, "the address in \(field) \(why)") }
        guard let at = address.utf8.lastIndex(of: UInt8(ascii: "@")) else { throw refuse("has no @") }
        let local = address.utf8[..<at]
        let domain = address.utf8[address.utf8.index(after: at)...]
        guard address.utf8.count <= 254 else { throw refuse("is longer than 254 bytes") }
        guard local.allSatisfy({ $0 < 128 }) else {
            throw refuse(
                "has characters other than ASCII before the @, which need a server with SMTPUTF8: not supported")
        }
        guard domain.allSatisfy({ $0 < 128 }) else {
            throw refuse("has an international domain: give it in its ASCII form (xn--…)")
        }
        guard !local.isEmpty, local.count <= 64 else { throw refuse("does not have 1 to 64 characters before the @") }
        guard local.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isAtom) else {
            throw refuse("has characters or dots before the @ that are not allowed")
        }
        let labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.allSatisfy(isHostLabel) else { throw refuse("has a domain that is not a host name") }
    }
}

extension StringProtocol {
    /// Without spaces and tabs at either end.
    public func trimmingSpaces() -> String {
        let inner = drop { $0 == " " || $0 == "\t" }
        guard let last = inner.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(inner[...last])
    }
}

/// RFC 5322's `atext`, once or more.
func isAtom(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { isAlphanumeric($0) || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
}

/// A label of a host name (RFC 1123; the underscore that some real domains have is let through).
private func isHostLabel(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
    (1...63).contains(bytes.count) && bytes.first != UInt8(ascii: "-") && bytes.last != UInt8(ascii: "-")
        && bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}
