import Crypto

/// An order's id: 24 lower-case hexadecimal characters, held as the 12 bytes that they write.
public struct OrderID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// How many bytes of the hash an id keeps.
    static let byteCount = 12
    static let digitCount = 2 * byteCount

    private let high: UInt64
    private let low: UInt32

    /// nil unless the text is 24 lower-case hexadecimal digits.
    public init?(_ text: String) {
        guard text.utf8.count == Self.digitCount else { return nil }
        var (high, low): (UInt64, UInt32) = (0, 0)
        for (index, character) in text.utf8.enumerated() {
            guard let digit = Self.value(of: character) else { return nil }
            if index < 16 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt32(digit) }
        }
        self.high = high
        self.low = low
    }

    /// The id of the order that an account calls by this key: the first 12 bytes of SHA-256 over (account, natural
    /// key), so that every process gives a repeated order the same id. What is hashed is in ``NaturalKey``.
    public init(account: String, _ key: NaturalKey) {
        switch key {
        case .random(let bytes):
            precondition(bytes.count == Self.byteCount, "a random id has 12 bytes, not \(bytes.count)")
            high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
            low = bytes[8...].reduce(0) { $0 << 8 | UInt32($1) }
        case .external, .idempotencyKey:
            let digest = sha256(key.hashed(account: account))
            high = digest.first
            low = UInt32(digest.second >> 32)
        }
    }

    /// 24 lower-case hexadecimal digits.
    public var text: String { String(unsafeUninitializedCapacity: Self.digitCount, initializingUTF8With: write) }

    /// The text's bytes, ASCII.
    public var digits: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.digitCount) { digits, count in count = write(digits) }
    }

    func write(_ digits: UnsafeMutableBufferPointer<UInt8>) -> Int {
        writeHexadecimal(high, to: digits[..<16])
        writeHexadecimal(UInt64(low), to: digits[16..<Self.digitCount])
        return Self.digitCount
    }

    public var description: String { text }

    /// In the order of their texts.
    public static func < (one: Self, other: Self) -> Bool { (one.high, one.low) < (other.high, other.low) }

    /// Ids are parts of hashes, or random: eight of the bytes distinguish them as well as all twelve.
    public func hash(into hasher: inout Hasher) { hasher.combine(high) }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

/// What names an order within its account.
public enum NaturalKey: Sendable, Hashable {
    /// The caller's own number of it, and the shop or channel that the number belongs to; without a source, nil.
    case external(id: String, source: String?)
    /// The request's `Idempotency-Key`; in a batch with the order's index.
    case idempotencyKey(String, index: Int? = nil)
    /// Nothing names it, and two equal orders may both be intended: 12 random bytes.
    case random([UInt8])

    /// The account, a tag and the key's parts, each with its length before it (4 bytes, big-endian), so that no two
    /// keys are hashed alike: `e`, external id, source (empty if missing); `k`, key (with `/` and index in a
    /// batch).
    func hashed(account: String) -> [UInt8] {
        switch self {
        case .external(let id, let source): lengthPrefixed(account, "e", id, source ?? "")
        case .idempotencyKey(let key, nil): lengthPrefixed(account, "k", key)
        case .idempotencyKey(let key, let index?): lengthPrefixed(account, "k", "\(key)/\(index)")
        case .random: lengthPrefixed(account)
        }
    }
}
