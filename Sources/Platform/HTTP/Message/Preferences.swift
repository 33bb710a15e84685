/// What a request prefers, by its `Prefer` fields (RFC 7240): `respond-async, wait=10`.
public struct Preferences: Sendable {
    private let values: [String: String]

    /// The rest of a field is ignored.
    private static let fieldBytesMaximum = 1024

    public init(_ fields: HeaderFields) {
        var values: [String: String] = [:]
        for field in fields.values(of: "Prefer") {
            let pieces = MediaType.split(Array(field.utf8.prefix(Self.fieldBytesMaximum)), at: UInt8(ascii: ","))
            for piece in pieces {
                guard let (name, value) = Self.preference(piece), values[name] == nil else { continue }
                values[name] = value
            }
        }
        self.values = values
    }

    /// The value of a preference (its name in lower case), of several the first; empty if it has no value, nil if the
    /// request does not have the preference.
    public subscript(_ name: String) -> String? { values[name] }

    /// Parameters after a semicolon are left out.
    private static func preference(_ piece: [UInt8]) -> (name: String, value: String)? {
        guard let first = MediaType.split(piece, at: UInt8(ascii: ";")).first else { return nil }
        let halves = MediaType.split(first, at: UInt8(ascii: "="))
        guard let name = halves.first, !name.isEmpty, halves.count <= 2 else { return nil }
        let value = halves.count == 2 ? MediaType.unquoted(halves[1][...]) : ""
        return (String(decoding: name, as: UTF8.self).lowercased(), value)
    }
}
