public import Crypto

/// What a token may do.
public enum Scope: String, Sendable, CaseIterable, Codable { case read, write, admin }

/// A bearer token as its holder has it: `or_`, 16 hexadecimal digits of id, `_`, 43 base64url characters of secret.
public struct Token: Sendable, Equatable {
    public let id: String
    public let secret: [UInt8]
    /// nil where it is malformed. Split by position: base64url contains `_`.
    public init?(_ text: String) { fatalError("to be written") }
    /// A new one from 8 and 32 random bytes.
    public init(random: (Int) -> [UInt8]) { fatalError("to be written") }
    /// The whole token; shown once, never stored or logged.
    public var text: String { fatalError("to be written") }
    /// What is kept of the secret: its SHA-256.
    public var secretDigest: Digest { fatalError("to be written") }
}
