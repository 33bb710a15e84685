public import Crypto

extension Event {
    /// What can happen to an order.
    public enum Kind: String, Sendable, Hashable, CaseIterable { case created, updated, paid, refunded }

    /// What tells one later event of an order from another of its kind.
    public enum Distinction: Sendable, Hashable {
        /// The request's `Idempotency-Key`: a repeat has the same id.
        case idempotencyKey(String)
        /// There was none: 6 random bytes, since the same update may be meant twice.
        case random([UInt8])
    }

    private static let distinctionByteCount = 6

    /// `<order id>.created`: an order is created once.
    public static func createdID(of order: OrderID) -> String { "\(order.text).created" }

    /// `<order id>.<kind>.<12 hexadecimal digits>`: of the key's SHA-256, or random ones.
    public static func laterID(of order: OrderID, _ kind: Kind, _ distinction: Distinction) -> String {
        let suffix: [UInt8]
        switch distinction {
        case .idempotencyKey(let key): suffix = Array(sha256(Array(key.utf8)).bytes.prefix(distinctionByteCount))
        case .random(let bytes):
            precondition(bytes.count == distinctionByteCount, "a random suffix has 6 bytes, not \(bytes.count)")
            suffix = bytes
        }
        return "\(order.text).\(kind.rawValue).\(hexadecimal(suffix))"
    }

    /// `<event id>~<12 hexadecimal digits of the digest>`: an event with an id that was taken by another one with other
    /// content is an event of its own, and its repeats fold.
    public static func conflictID(of id: String, digest: Digest) -> String {
        "\(id)~\(digest.withUnsafeBytes { hexadecimal($0.prefix(distinctionByteCount)) })"
    }
}
