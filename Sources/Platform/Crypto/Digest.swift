/// SHA-256's 32 bytes.
public struct Digest: Sendable, Hashable, CustomStringConvertible {
    /// How many bytes a digest has.
    public static let count = 32

    public let bytes: [UInt8]

    /// - Parameter bytes: exactly 32.
    public init(_ bytes: [UInt8]) {
        precondition(bytes.count == Self.count, "a SHA-256 digest has 32 bytes, not \(bytes.count)")
        self.bytes = bytes
    }

    /// The digest that 64 hexadecimal digits write; nil where they are none.
    public init?(hexadecimal text: String) {
        guard let bytes = Crypto.bytes(hexadecimal: text), bytes.count == Self.count else { return nil }
        self.bytes = bytes
    }

    /// Lower-case hexadecimal.
    public var description: String { hexadecimal(bytes) }
}

/// What went wrong with a key or a sealed secret; never with the secret in it.
public struct CryptoError: Error, Sendable, CustomStringConvertible {
    public let message: String

    public var description: String { message }

    public init(_ message: String) { self.message = message }
}
