import CIdn2

/// The longest name beyond ASCII that is considered, in bytes: a name has at most 253 in its `xn--` form, which is
/// never shorter in characters, and a character has at most four bytes.
private let byteCountMaximum = 1_012

/// The `xn--` form of a name of the domain name system (IDNA2008 and UTS #46, by libidn2), in lower case; nil if the
/// text is not a host name.
public func asciiHostname(_ text: String) -> String? {
    guard text.utf8.count <= byteCountMaximum, !text.utf8.contains(0) else { return nil }
    var output: UnsafeMutablePointer<CChar>?
    guard idn2_to_ascii_8z(text, &output, cidn2_flags()) == IDN2_OK.rawValue, let output else { return nil }
    defer { idn2_free(output) }
    let name = String(cString: output)
    return isHostname(name) ? name : nil
}

/// Letters, digits and hyphens, in labels of which none is empty (RFC 1123, 2.1).
private func isHostname(_ name: String) -> Bool {
    name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        !label.isEmpty && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-") }
    }
}
