/// Forms as `application/x-www-form-urlencoded` (WHATWG URL, 5), and queries, which are written the same.
public enum URLEncodedForm {
    /// The pairs in their order. A plus is a space; a name without an equals sign has an empty value.
    public static func parse(
        _ bytes: some Collection<UInt8>, fieldsMaximum: Int = 200
    ) throws(FormError) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for piece in bytes.split(separator: UInt8(ascii: "&")) {
            guard pairs.count < fieldsMaximum else {
                throw FormError(.tooManyFields, "the form has more than \(fieldsMaximum) fields")
            }
            let halves = piece.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(halves[0], plusIsSpace: true),
                let value = halves.count < 2 ? "" : PercentEncoding.decode(halves[1], plusIsSpace: true)
            else {
                throw FormError(.malformed, "field \(pairs.count + 1) of the form is not percent-encoded UTF-8")
            }
            pairs.append((name, value))
        }
        return pairs
    }

    /// The pairs as a form or a query.
    public static func write(_ pairs: some Sequence<(name: String, value: String)>) -> String {
        pairs.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
    }
}
