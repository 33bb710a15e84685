import HTTP

/// The request's `Idempotency-Key` field.
enum IdempotencyKey {
    static let lengthMaximum = 255

    /// nil if the request has none. Throws a 400 if it has several, or one that is malformed.
    static func read(_ fields: HeaderFields) throws(Refusal) -> String? {
        let values = fields.values(of: "Idempotency-Key")
        guard let key = values.first else { return nil }
        guard values.count == 1, (1...lengthMaximum).contains(key.utf8.count),
            key.utf8.allSatisfy({ 0x20..<0x7F ~= $0 })
        else {
            throw Refusal(
                400, .badRequest,
                "The Idempotency-Key must be given once, with 1 to \(lengthMaximum) printable ASCII characters.")
        }
        return key
    }
}
