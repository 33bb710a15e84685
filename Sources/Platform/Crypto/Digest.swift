/// SHA-256's 32 bytes, held as four numbers: a digest costs no allocation, wherever it is kept.
public struct Digest: Sendable, Hashable, CustomStringConvertible {
    /// How many bytes a digest has.
    public static let count = 32

    /// The first eight bytes as a big-endian number, and so on: the numbers' digits are the bytes'.
    public let first, second, third, fourth: UInt64

    /// - Parameter bytes: exactly 32.
    public init(_ bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { Digest($0) }
    }

    /// - Parameter bytes: exactly 32.
    init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.count, "a SHA-256 digest has 32 bytes, not \(bytes.count)")
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
        }
        (first, second, third, fourth) = (word(0), word(1), word(2), word(3))
    }

    /// The digest of 64 hexadecimal digits, of either case; nil for any other text.
    public init?(hexadecimal text: String) {
        guard let bytes = Crypto.bytes(hexadecimal: text), bytes.count == Self.count else { return nil }
        self.init(bytes)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Passes the 32 bytes to `body`, without a copy on the heap.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let bigEndian = (first.bigEndian, second.bigEndian, third.bigEndian, fourth.bigEndian)
        return Swift.withUnsafeBytes(of: bigEndian, body)
    }

    /// Whether two digests are the same, in a time that depends on neither.
    public func isEqualInConstantTime(to other: Digest) -> Bool {
        withUnsafeBytes { one in other.withUnsafeBytes { Crypto.isEqualInConstantTime(one, $0) } }
    }

    /// Eight of the bytes distinguish digests as well as all of them.
    public func hash(into hasher: inout Hasher) { hasher.combine(first) }

    /// Lower-case hexadecimal.
    public var description: String { withUnsafeBytes { hexadecimal($0) } }
}

extension Digest: Codable {
    /// Written as 64 hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// Reads 64 hexadecimal digits; throws `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let digest = Digest(hexadecimal: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a SHA-256 digest is written as 64 hexadecimal digits")
        }
        self = digest
    }
}

/// What is wrong with a key or a sealed secret; never contains the secret.
public struct CryptoError: Error, Sendable, CustomStringConvertible {
    public let message: String

    public var description: String { message }

    public init(_ message: String) { self.message = message }
}
