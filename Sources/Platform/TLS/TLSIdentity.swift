import CTLS

/// Why TLS failed.
public struct TLSError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public var description: String { message }
    init(_ message: String) { self.message = message }
}

/// A server's certificate and key, from which its sessions are made. TLS 1.2 or newer, with OpenSSL's defaults.
public final class TLSIdentity: Sendable, Equatable {
    /// `nonisolated(unsafe)`: made here, and only read by the library from then on; it counts its own references.
    nonisolated(unsafe) let context: OpaquePointer

    /// Throws ``TLSError`` if one of the texts cannot be decoded, or the key belongs to another certificate.
    ///
    /// - Parameters:
    ///   - certificate: PEM, one certificate.
    ///   - key: PEM, without a passphrase.
    public init(certificate: String, key: String) throws(TLSError) {
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw TLSError("no memory for TLS") }
        self.context = context
        guard orderrelay_set_least_version(context) == 1 else { throw TLSError("this OpenSSL has no TLS 1.2") }
        // Nobody here needs renegotiation, and with it a session could have to wait for bytes while it sends.
        SSL_CTX_set_options(context, UInt64(SSL_OP_NO_RENEGOTIATION_VALUE))
        try Self.use(certificate, "certificate") { bio in
            guard let certificate = PEM_read_bio_X509(bio, nil, nil, nil) else { return false }
            defer { X509_free(certificate) }
            return SSL_CTX_use_certificate(context, certificate) == 1
        }
        try Self.use(key, "key without a passphrase") { bio in
            // Without this function the library would ask for a passphrase at the terminal.
            guard let key = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in 0 }, nil) else { return false }
            defer { EVP_PKEY_free(key) }
            return SSL_CTX_use_PrivateKey(context, key) == 1
        }
        guard SSL_CTX_check_private_key(context) == 1 else { throw TLSError("the key belongs to another certificate") }
    }

    deinit { SSL_CTX_free(context) }

    public static func == (one: TLSIdentity, other: TLSIdentity) -> Bool { one === other }

    private static func use(_ text: String, _ what: String, _ take: (OpaquePointer) -> Bool) throws(TLSError) {
        let bytes = Array(text.utf8)
        let isTaken = bytes.withUnsafeBytes { buffer in
            guard let bio = BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)) else { return false }
            defer { BIO_free(bio) }
            return take(bio)
        }
        // Otherwise the thread's next call would find the error of this one.
        ERR_clear_error()
        guard isTaken else { throw TLSError("the text holds no \(what) in PEM that matches the rest") }
    }
}
