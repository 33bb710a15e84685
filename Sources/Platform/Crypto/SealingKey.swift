import CCrypto

/// AES-256-GCM with a random nonce before, and the tag after, the sealed bytes (NIST SP 800-38D).
public struct SealingKey: Sendable {
    private static let keyCount = 32
    private static let nonceCount = 12
    private static let tagCount = 16
    private static let plainCountMaximum = 1 << 20

    private let key: [UInt8]
    /// What the key is called where it must be told from others: 16 hexadecimal digits that tell nothing about it.
    public let id: String

    /// - Parameter key: 32 bytes.
    /// - Throws: ``CryptoError`` if it has another length.
    public init(_ key: [UInt8]) throws(CryptoError) {
        guard key.count == Self.keyCount else {
            throw CryptoError("a sealing key has 32 bytes, this one has \(key.count)")
        }
        self.key = key
        // The same for one key in every process and version: it is part of what is sealed.
        id = String(hmacSHA256(Array("sealing key of OrderRelay".utf8), key: key).description.prefix(16))
    }

    /// Encrypts a secret: nonce, ciphertext, tag.
    ///
    /// - Parameters:
    ///   - plain: at most 1 MiB.
    ///   - context: what the secret belongs to; a box opened under another context is refused.
    /// - Throws: ``CryptoError`` if the secret is too long.
    public func seal(_ plain: [UInt8], context: String) throws(CryptoError) -> [UInt8] {
        guard plain.count <= Self.plainCountMaximum else {
            throw CryptoError(
                "a secret of \(plain.count) bytes is too long to be sealed: at most \(Self.plainCountMaximum)")
        }
        let nonce = randomBytes(Self.nonceCount)
        let cipher = try Cipher(.seal, key: key, nonce: nonce)
        try cipher.authenticate(Array(context.utf8))
        var box = nonce
        box += try cipher.update(plain)
        try cipher.finish()
        box += try cipher.tag(count: Self.tagCount)
        return box
    }

    /// Decrypts what ``seal(_:context:)`` made.
    ///
    /// - Throws: ``CryptoError`` if the box was made with another key or for another context, or was changed.
    public func open(_ box: [UInt8], context: String) throws(CryptoError) -> [UInt8] {
        guard box.count >= Self.nonceCount + Self.tagCount else {
            throw CryptoError("a sealed secret is cut short: \(box.count) bytes")
        }
        let cipher = try Cipher(.open, key: key, nonce: Array(box.prefix(Self.nonceCount)))
        try cipher.authenticate(Array(context.utf8))
        let plain = try cipher.update(Array(box[Self.nonceCount..<(box.count - Self.tagCount)]))
        try cipher.expect(tag: Array(box.suffix(Self.tagCount)))
        do {
            try cipher.finish()
        } catch {
            throw CryptoError("a sealed secret cannot be opened: it was sealed with another key, or has been changed")
        }
        return plain
    }
}

/// One run of AES-256-GCM; owns OpenSSL's context.
private final class Cipher {
    enum Direction: Int32 {
        case open = 0
        case seal = 1
    }

    private let context: OpaquePointer

    init(_ direction: Direction, key: [UInt8], nonce: [UInt8]) throws(CryptoError) {
        guard let context = EVP_CIPHER_CTX_new() else { throw CryptoError("libcrypto has no memory for a cipher") }
        self.context = context
        try Self.check(EVP_CipherInit_ex2(context, EVP_aes_256_gcm(), nil, nil, direction.rawValue, nil))
        try Self.check(orderrelay_set_gcm_nonce_length(context, Int32(nonce.count)))
        try Self.check(EVP_CipherInit_ex2(context, nil, key, nonce, direction.rawValue, nil))
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    func authenticate(_ bytes: [UInt8]) throws(CryptoError) {
        var count: Int32 = 0
        try Self.check(EVP_CipherUpdate(context, nil, &count, bytes, Int32(bytes.count)))
    }

    func update(_ bytes: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        var output = [UInt8](repeating: 0, count: bytes.count)
        var count: Int32 = 0
        try Self.check(EVP_CipherUpdate(context, &output, &count, bytes, Int32(bytes.count)))
        return output
    }

    func finish() throws(CryptoError) {
        var rest: [UInt8] = Array(repeating: 0, count: 16)
        var count: Int32 = 0
        try Self.check(EVP_CipherFinal_ex(context, &rest, &count))
    }

    func tag(count: Int) throws(CryptoError) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: count)
        try Self.check(orderrelay_get_gcm_tag(context, Int32(count), &tag))
        return tag
    }

    func expect(tag: [UInt8]) throws(CryptoError) {
        var tag = tag
        try Self.check(orderrelay_set_gcm_tag(context, Int32(tag.count), &tag))
    }

    private static func check(_ result: Int32) throws(CryptoError) {
        guard result == 1 else { throw CryptoError("libcrypto refused a step of AES-256-GCM") }
    }
}
