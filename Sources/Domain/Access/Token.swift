public import Crypto

/// What a token may do. `admin` includes the others.
public enum Scope: String, Sendable, CaseIterable, Codable { case read, write, admin }

/// A bearer token as its holder has it: `or_`, 16 hexadecimal digits of id, `_`, 43 base64url characters of secret.
public struct Token: Sendable, Equatable {
    private static let prefix = "or_"
    private static let idDigits = 16
    private static let secretCharacters = 43
    private static let secretCount = 32
    private static let textCount = prefix.utf8.count + idDigits + 1 + secretCharacters

    /// 16 lower-case hexadecimal digits: what may be shown and logged.
    public let id: String
    /// 32 bytes, never stored or logged.
    public let secret: [UInt8]

    /// nil if the text is malformed.
    public init?(_ text: String) {
        guard let id = Self.id(in: text) else { return nil }
        // 43 characters hold 258 bits: the last two must be zero, as the reading of base64url sees to, else several
        // texts would name one token.
        guard let secret = bytes(base64URL: ArraySlice(text.utf8.suffix(Self.secretCharacters))),
            secret.count == Self.secretCount
        else { return nil }
        self.id = id
        self.secret = secret
    }

    /// The id in a token's text; nil if the text does not begin as a token does, or has another length. Split by position:
    /// base64url contains `_`.
    static func id(in text: String) -> String? {
        var text = text
        return text.withUTF8 { characters in
            guard characters.count == textCount, characters.starts(with: prefix.utf8) else { return nil }
            let id = characters[prefix.utf8.count...].prefix(idDigits)
            let isHexadecimal = id.allSatisfy { character in
                switch character {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
                default: false
                }
            }
            guard isHexadecimal, characters[id.endIndex] == UInt8(ascii: "_") else { return nil }
            return String(decoding: id, as: UTF8.self)
        }
    }

    /// A new token.
    ///
    /// - Parameter random: gives as many random bytes as it is asked for: 8 for the id, 32 for the secret.
    public init(random: (Int) -> [UInt8]) {
        let id = random(Self.idDigits / 2)
        let secret = random(Self.secretCount)
        precondition(
            id.count == Self.idDigits / 2 && secret.count == Self.secretCount, "the generator gave too few bytes")
        self.id = hexadecimal(id)
        self.secret = secret
    }

    /// The whole token; shown once, never stored or logged.
    public var text: String { "\(Self.prefix)\(id)_\(base64URL(secret))" }

    /// SHA-256 of the secret: all that is stored of it.
    public var secretDigest: Digest { sha256(secret) }
}

extension Token: CustomStringConvertible, CustomReflectable {
    /// The token without its secret, so that neither a log nor a failed test shows it.
    public var description: String { "\(Self.prefix)\(id)_…" }
    public var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
