/// SHA-256's 32 bytes.
public struct Digest: Sendable, Hashable, CustomStringConvertible {
    public let bytes: [UInt8]
    /// - Parameter bytes: exactly 32.
    public init(_ bytes: [UInt8]) {
        precondition(bytes.count == 32, "a SHA-256 digest has 32 bytes, not \(bytes.count)")
        self.bytes = bytes
    }
    /// Lower-case hexadecimal.
    public var description: String { hexadecimal(bytes) }
}

/// Lower-case hexadecimal digits of `bytes`.
public func hexadecimal(_ bytes: some Sequence<UInt8>) -> String { fatalError("to be written") }
/// The bytes of an even number of hexadecimal digits; nil where there is any other character.
public func bytes(hexadecimal text: String) -> [UInt8]? { fatalError("to be written") }
/// RFC 4648 §5 without padding.
public func base64URL(_ bytes: [UInt8]) -> String { fatalError("to be written") }
/// The bytes of unpadded base64url; nil where it is none.
public func bytes(base64URL text: String) -> [UInt8]? { fatalError("to be written") }
/// SHA-256 of `bytes`.
public func sha256(_ bytes: [UInt8]) -> Digest { fatalError("to be written") }
/// HMAC-SHA-256.
public func hmacSHA256(_ bytes: [UInt8], key: [UInt8]) -> Digest { fatalError("to be written") }
/// Whether two byte strings are the same, in a time that depends on their length only.
public func isEqualInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool { fatalError("to be written") }
/// Unpredictable bytes from the operating system's generator.
public func randomBytes(_ count: Int) -> [UInt8] { fatalError("to be written") }

/// What went wrong with a sealed secret.
public struct CryptoError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public var description: String { message }
    public init(_ message: String) { self.message = message }
}

/// AES-256-GCM with a random nonce before, and the tag after, the sealed bytes.
public struct SealingKey: Sendable {
    /// - Parameter key: 32 bytes.
    public init(_ key: [UInt8]) throws(CryptoError) { fatalError("to be written") }
    /// - Parameter context: what the secret belongs to; a box opened under another context is refused.
    public func seal(_ plain: [UInt8], context: String) throws(CryptoError) -> [UInt8] { fatalError("to be written") }
    public func open(_ box: [UInt8], context: String) throws(CryptoError) -> [UInt8] { fatalError("to be written") }
}
