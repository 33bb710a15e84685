/// The keys of a process: the present one, which seals and opens, and an older one, which opens only, until everything is
/// sealed with the present one.
///
/// A sealed value names its key: a mark of four bytes, the key's id of eight, and what ``SealingKey/seal(_:context:)`` makes,
/// sealed for the id and the context. Versions before wrote the last part alone, sealed for the context: whichever key
/// opens such a value is its key.
public struct SealingKeys: Sendable {
    /// `orsk`
    private static let mark: [UInt8] = [0x6F, 0x72, 0x73, 0x6B]
    private static let idCount = 8

    public let present: SealingKey
    public let older: SealingKey?

    public init(_ present: SealingKey, older: SealingKey? = nil) {
        self.present = present
        self.older = older
    }

    /// Encrypts a secret with the present key.
    ///
    /// - Parameters:
    ///   - plain: at most 1 MiB.
    ///   - context: what the secret belongs to; a value opened under another context is refused.
    /// - Throws: ``CryptoError`` if the secret is too long.
    public func seal(_ plain: [UInt8], context: String) throws(CryptoError) -> [UInt8] {
        let box = try present.seal(plain, context: Self.context(context, keyID: present.id))
        return Self.mark + (bytes(hexadecimal: present.id) ?? []) + box
    }

    /// A secret, and the id of the key that it was sealed with.
    public struct Opened: Sendable, Equatable {
        public let plain: [UInt8]
        public let keyID: String
    }

    /// Decrypts what ``seal(_:context:)`` made, or a version before.
    ///
    /// - Throws: ``CryptoError`` if neither key is the value's, or it was sealed for another context, or has been changed.
    public func open(_ value: [UInt8], context: String) throws(CryptoError) -> Opened {
        let keys = [present, older].compactMap(\.self)
        if let named = Self.keyID(of: value), let key = keys.first(where: { $0.id == named }) {
            let box = Array(value.dropFirst(Self.mark.count + Self.idCount))
            return Opened(plain: try key.open(box, context: Self.context(context, keyID: named)), keyID: named)
        }
        for key in keys {
            if let plain = try? key.open(value, context: context) { return Opened(plain: plain, keyID: key.id) }
        }
        let present = keys.map(\.id).joined(separator: " and ")
        guard let named = Self.keyID(of: value) else {
            throw CryptoError(
                "the key \(present) does not open it: it was sealed with another one, or has been changed")
        }
        throw CryptoError("it was sealed with the key \(named), and this process has \(present)")
    }

    /// Whether a value says that it was sealed with the present key.
    public func isPresent(_ value: [UInt8]) -> Bool { Self.keyID(of: value) == present.id }

    /// nil: it names none, as in versions before.
    public static func keyID(of value: [UInt8]) -> String? {
        guard value.starts(with: mark), value.count > mark.count + idCount else { return nil }
        return hexadecimal(value[mark.count..<(mark.count + idCount)])
    }

    private static func context(_ context: String, keyID: String) -> String { "\(keyID)/\(context)" }
}
