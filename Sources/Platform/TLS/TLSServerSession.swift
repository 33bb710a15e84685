import CTLS

/// The server's side of one TLS session, in memory: bytes go in and come out; sockets are up to the caller. Not
/// thread-safe.
public final class TLSServerSession {
    private static let chunk = 16 * 1024

    private let session: OpaquePointer
    /// Bytes from the other side; belongs to the session.
    private let incoming: OpaquePointer
    /// Bytes to send; belongs to the session.
    private let outgoing: OpaquePointer
    /// Whether the other side has notified that it will send nothing more.
    public private(set) var isOver = false

    public init(_ identity: TLSIdentity) {
        guard let session = SSL_new(identity.context), let incoming = BIO_new(BIO_s_mem()),
            let outgoing = BIO_new(BIO_s_mem())
        else { preconditionFailure("no memory for a TLS session") }
        (self.session, self.incoming, self.outgoing) = (session, incoming, outgoing)
        SSL_set_bio(session, incoming, outgoing)
        SSL_set_accept_state(session)
    }

    deinit { SSL_free(session) }

    /// Decrypts what the other side sent, as far as it is complete; the answers of the handshake wait in ``output()``.
    ///
    /// - Throws: ``TLSError`` if the other side does not speak TLS, or no common version; ``output()`` then has the
    ///   alert to send.
    public func opened(_ bytes: ArraySlice<UInt8>) throws(TLSError) -> [UInt8] {
        let count = bytes.withUnsafeBytes { BIO_write(incoming, $0.baseAddress, Int32($0.count)) }
        guard count == bytes.count else { throw TLSError("no memory for TLS") }
        var plain: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Self.chunk)
        while true {
            ERR_clear_error()
            let count = SSL_read(session, &buffer, Int32(buffer.count))
            if count > 0 {
                plain += buffer[..<Int(count)]
                continue
            }
            switch SSL_get_error(session, count) {
            case SSL_ERROR_WANT_READ: return plain
            case SSL_ERROR_ZERO_RETURN:
                isOver = true
                return plain
            default: throw TLSError("the other side does not speak TLS as agreed")
            }
        }
    }

    /// Encrypts bytes to send; they wait in ``output()``.
    ///
    /// - Throws: ``TLSError`` before the handshake is complete.
    public func seal(_ bytes: [UInt8]) throws(TLSError) {
        guard !bytes.isEmpty else { return }
        ERR_clear_error()
        guard SSL_write(session, bytes, Int32(bytes.count)) == bytes.count else {
            throw TLSError("nothing can be sent before the handshake is complete")
        }
    }

    /// Notifies the other side that nothing more will be sent; the alert waits in ``output()``.
    public func close() { SSL_shutdown(session) }

    /// Takes the bytes to send to the other side.
    public func output() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Self.chunk)
        while true {
            let count = BIO_read(outgoing, &buffer, Int32(buffer.count))
            guard count > 0 else { return bytes }
            bytes += buffer[..<Int(count)]
        }
    }
}
