import Crypto

/// An order's id: 24 lower-case hexadecimal characters.
public struct OrderID: Sendable, Hashable, CustomStringConvertible {
    /// How many bytes of the hash an id keeps.
    static let byteCount = 12

    public let text: String

    /// nil where it is malformed.
    public init?(_ text: String) {
        guard text.utf8.count == 2 * Self.byteCount, text.utf8.allSatisfy(Self.isDigit) else { return nil }
        self.text = text
    }

    /// The id of the order that an account names so: the first 12 bytes of SHA-256 over (account, natural key), so that
    /// every process gives a repeated order the same id. What is hashed is in ``NaturalKey``.
    public init(account: String, _ key: NaturalKey) {
        switch key {
        case .random(let bytes):
            precondition(bytes.count == Self.byteCount, "a random id has 12 bytes, not \(bytes.count)")
            text = hexadecimal(bytes)
        case .external, .idempotencyKey:
            text = hexadecimal(sha256(key.hashed(account: account)).bytes.prefix(Self.byteCount))
        }
    }

    public var description: String { text }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || byte &- UInt8(ascii: "a") < 6
    }
}

/// What names an order within its account.
public enum NaturalKey: Sendable, Hashable {
    /// The caller's own number of it, and the shop or channel that the number is of.
    case external(id: String, source: String?)
    /// The request's `Idempotency-Key`; in a batch with the order's index.
    case idempotencyKey(String, index: Int? = nil)
    /// Nothing names it, and two equal orders may both be meant: 12 random bytes.
    case random([UInt8])

    /// The account, a tag and the key's parts, each with its length before it (4 bytes, big-endian), so that no two keys
    /// are hashed alike: `e`, external id, source (empty where there is none); `k`, key (with `/` and index in a batch).
    func hashed(account: String) -> [UInt8] {
        let parts: [String] =
            switch self {
            case .external(let id, let source): ["e", id, source ?? ""]
            case .idempotencyKey(let key, nil): ["k", key]
            case .idempotencyKey(let key, let index?): ["k", "\(key)/\(index)"]
            case .random: []
            }
        return lengthPrefixed([account] + parts)
    }
}
