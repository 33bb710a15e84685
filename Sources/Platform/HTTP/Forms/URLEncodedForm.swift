/// Forms as `application/x-www-form-urlencoded` (WHATWG URL, 5), and queries, which are written the same.
public enum URLEncodedForm {
    /// The pairs in their order. A plus is a space; a name without an equals sign has an empty value.
    ///
    /// - Parameter charset: of the form's bytes, unless a field `_charset_` names another (HTML, 4.10.21.5).
    /// - Throws: ``FormError`` if a field is not percent-encoded text of its charset, or there are too many.
    public static func parse(
        _ bytes: some Collection<UInt8>, charset: Charset = .utf8, fieldsMaximum: Int = MultipartForm.fieldsMaximum
    ) throws(FormError) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        let pieces = bytes.split(separator: UInt8(ascii: "&"))
        var charset = charset
        if let named = pieces.first(where: { $0.starts(with: "_charset_=".utf8) }) {
            charset = try FormError.charset(String(decoding: named.dropFirst(10), as: UTF8.self))
        }
        for piece in pieces {
            guard pairs.count < fieldsMaximum else {
                throw FormError(.tooManyFields, "the form has more than \(fieldsMaximum) fields")
            }
            let halves = piece.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            func text(_ half: Int) -> String? {
                half < halves.count
                    ? PercentEncoding.decodedBytes(halves[half], plusIsSpace: true).flatMap { charset.text($0) } : ""
            }
            guard let name = text(0), let value = text(1) else {
                throw FormError(
                    .malformed,
                    "field \(pairs.count + 1) of the form is not percent-encoded text of its charset (UTF-8 if none is given)"
                )
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
