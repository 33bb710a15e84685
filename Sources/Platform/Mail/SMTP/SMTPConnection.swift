import CCurl
import Glibc

/// One connection that curl has built (TCP, EHLO, STARTTLS, AUTH) and that speaks raw bytes from then on.
///
/// It lives on one thread; another one reaches it through its ``AbandonFlag`` only.
final class SMTPConnection {
    private let handle: UnsafeMutableRawPointer
    private let greeting = SMTPGreeting()
    private let settings: SMTPSettings
    private let abandoned: AbandonFlag
    private var socket: Int32 = -1
    private var parser = SMTPReplyParser()
    private var unread: ArraySlice<UInt8> = []
    private var chunk = [UInt8](repeating: 0, count: 4_096)

    /// Connects; throws the outcome if that fails.
    init(_ settings: SMTPSettings, abandoned: AbandonFlag, deadline: Deadline) throws(ConnectFailure) {
        guard curlIsReady, let handle = curl_easy_init() else {
            throw ConnectFailure(outcome: .temporary("curl could not be started", nil))
        }
        self.handle = handle
        self.settings = settings
        self.abandoned = abandoned
        prepare(deadline)
        var words = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let code = words.withUnsafeMutableBufferPointer { buffer in
            _ = ccurl_set_ptr(handle, CURLOPT_ERRORBUFFER, buffer.baseAddress)
            defer { _ = ccurl_set_ptr(handle, CURLOPT_ERRORBUFFER, nil) }
            return curl_easy_perform(handle)
        }
        let explanation = String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // Before anything is thrown: a useless connection is shut down, too.
        let isWatched = ccurl_get_sock(handle, &socket) == CURLE_OK && socket >= 0 && abandoned.watch(socket)
        if let outcome = connectOutcome(code, explanation, greeting, settings) {
            throw ConnectFailure(outcome: outcome)
        }
        guard isWatched else {
            throw ConnectFailure(outcome: .temporary("the connection was closed at once", nil))
        }
    }

    deinit {
        // Whatever curl might still say when a handle goes (7.88.1 takes such a connection for dead and says nothing),
        // on a socket that is shut down it waits for no answer.
        if socket >= 0 {
            shutdown(socket, Int32(SHUT_RDWR))
            abandoned.unwatch()
        }
        curl_easy_cleanup(handle)
    }

    /// Whether the server's EHLO offered PIPELINING.
    var isPipelining: Bool { greeting.offers("PIPELINING") }

    private func prepare(_ deadline: Deadline) {
        let scheme = settings.security == .implicitTLS ? "smtps" : "smtp"
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        let hello = settings.helloName.utf8.allSatisfy { isAlphanumeric($0) || "-.".utf8.contains($0) }
        // The path of an SMTP URL is the name for EHLO.
        _ = ccurl_set_str(
            handle, CURLOPT_URL, "\(scheme)://\(host):\(settings.port)/\(hello ? settings.helloName : "orderrelay")")
        _ = ccurl_set_str(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        _ = ccurl_set_str(handle, CURLOPT_PROXY, "")
        _ = ccurl_set_long(handle, CURLOPT_CONNECT_ONLY, 1)
        _ = ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = ccurl_set_long(handle, CURLOPT_QUICK_EXIT, 1)
        _ = ccurl_set_long(handle, CURLOPT_TCP_NODELAY, 1)
        _ = ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, max(1, min(deadline.left, settings.replyTimeout).milliseconds))
        let security = settings.security == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL
        _ = ccurl_set_long(handle, CURLOPT_USE_SSL, Int(security.rawValue))
        // Only the file counts, or the distribution's bundle: a folder of certificates beside it would be trusted too.
        _ = ccurl_set_str(handle, CURLOPT_CAPATH, nil)
        if let caFile = settings.caFile { _ = ccurl_set_str(handle, CURLOPT_CAINFO, caFile) }
        if let user = settings.user, let password = settings.password, settings.security != .none {
            _ = ccurl_set_str(handle, CURLOPT_USERNAME, user)
            _ = ccurl_set_str(handle, CURLOPT_PASSWORD, password)
            _ = ccurl_set_long(handle, CURLOPT_SASL_IR, 1)
        }
        _ = ccurl_set_rw(handle, CURLOPT_HEADERFUNCTION, takeGreetingLine)
        _ = ccurl_set_ptr(handle, CURLOPT_HEADERDATA, Unmanaged.passUnretained(greeting).toOpaque())
        _ = ccurl_set_xferinfo(handle, abortWhenAbandoned)
        _ = ccurl_set_ptr(handle, CURLOPT_XFERINFODATA, Unmanaged.passUnretained(abandoned).toOpaque())
        _ = ccurl_set_long(handle, CURLOPT_NOPROGRESS, 0)
    }
}

// MARK: Raw bytes
extension SMTPConnection {
    /// Writes all bytes.
    /// - Parameter interruptible: while the server takes no more, stop for bytes of its own; returns false then.
    func write(_ bytes: [UInt8], interruptible: Bool = false, deadline: Deadline) throws(SMTPFailure) -> Bool {
        var written = 0
        while written < bytes.count {
            var count = 0
            let code = bytes.withUnsafeBytes { buffer in
                curl_easy_send(handle, buffer.baseAddress! + written, buffer.count - written, &count)
            }
            switch code {
            case CURLE_OK: written += count
            case CURLE_AGAIN:
                if interruptible, try receive() { return false }
                try wait(Int16(POLLOUT) | (interruptible ? Int16(POLLIN) : 0), deadline)
            default: throw failure(code)
            }
        }
        return true
    }

    /// The next reply.
    func reply(deadline: Deadline) throws(SMTPFailure) -> SMTPReply {
        while true {
            while let byte = unread.popFirst() {
                do {
                    if let reply = try parser.take(byte) { return reply }
                } catch { throw .reply(error) }
            }
            if try !receive() { try wait(Int16(POLLIN), deadline) }
        }
    }

    /// Whether the server has said something that was not asked for, or has gone.
    var hasNews: Bool {
        if !unread.isEmpty || parser.isInsideReply { return true }
        return (try? receive()) ?? true
    }

    /// Reads what has arrived; false if nothing has.
    private func receive() throws(SMTPFailure) -> Bool {
        guard unread.isEmpty else { return true }
        var count = 0
        let code = chunk.withUnsafeMutableBytes { curl_easy_recv(handle, $0.baseAddress, $0.count, &count) }
        switch code {
        case CURLE_OK where count > 0:
            unread = chunk[..<count]
            return true
        case CURLE_OK: throw .closed
        case CURLE_AGAIN: return false
        default: throw failure(code)
        }
    }

    private func wait(_ events: Int16, _ deadline: Deadline) throws(SMTPFailure) {
        var descriptor = pollfd(fd: socket, events: events, revents: 0)
        let milliseconds = Int32(clamping: deadline.left.milliseconds)
        guard milliseconds > 0, poll(&descriptor, 1, milliseconds) != 0 else { throw .timedOut }
    }

    private func failure(_ code: CURLcode) -> SMTPFailure {
        // A reset while reading or writing says no more than that the connection is gone.
        code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING
            ? .closed : .broken(String(cString: curl_easy_strerror(code)))
    }
}

/// curl's global state, made once.
private let curlIsReady = ccurl_global_init() == CURLE_OK

private func takeGreetingLine(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let greeting = Unmanaged<SMTPGreeting>.fromOpaque(context).takeUnretainedValue()
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return greeting.take(line) ? size * count : 0
}

private func abortWhenAbandoned(
    _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
    guard let context else { return 0 }
    return Unmanaged<AbandonFlag>.fromOpaque(context).takeUnretainedValue().isSet ? 1 : 0
}
