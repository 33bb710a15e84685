// For the system's eventfd, which Swift's Glibc leaves out.
import CMicrohttpd
import Glibc
import HTTP
import Synchronization

/// The servers that `http-server` compares; each answers an order with the same bytes, until its input ends.
enum HTTPServers {
    static let answer = #"{"data":{"id":"0123456789abcdef01234567","status":"OPENED"},"status":1}"#
    static let answerFields: HeaderFields = [
        "Content-Type": "application/json", "RateLimit-Policy": #""token";q=300;w=60"#,
        "RateLimit": #""token";r=212;t=3"#,
    ]

    /// Ours. `handedOver`: another thread has the answer, as Kafka's acknowledgement comes from one.
    static func runOurs(handedOver: Bool) throws {
        let thread = handedOver ? AnswerThread() : nil
        let server = try Server(ServerSettings(listen: "127.0.0.1:0"), application: FixedAnswer(thread: thread))
        serveUntilInputEnds(port: server.port)
        withExtendedLifetime(server) {}
    }

    /// Says where it listens, and waits for the end of the input.
    static func serveUntilInputEnds(port: Int) {
        print(port)
        fflush(nil)
        while getchar() != EOF {}
    }
}

/// Looks at the head as `ingest` does, and answers every order alike.
private struct FixedAnswer: Application {
    var thread: AnswerThread?

    func admit(_ head: RequestHead) async -> Admission<Void> {
        guard head.method == .post, head.path == "/api/v2/orders" else { return .answer(Response(status: 404)) }
        guard head.fields["Authorization"] != nil else { return .answer(Response(status: 401)) }
        return .read(bodyLimit: 256 * 1024, context: ())
    }

    func respond(to request: Request, context: Void) async -> Response {
        if let thread { await thread.wait() }
        return Response(status: 201, fields: HTTPServers.answerFields, body: Array(HTTPServers.answer.utf8))
    }

    func refusal(status: Int, reason: String, context: Void?) -> Response {
        Response(status: status, body: Array(reason.utf8))
    }
}

/// A thread that resumes those who wait, all at a time.
final class AnswerThread: Sendable {
    private let waiting = Mutex<[@Sendable () -> Void]>([])
    private let descriptor = eventfd(0, 0)

    init() {
        var thread = pthread_t()
        pthread_create(&thread, nil, runAnswerThread, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    func wait() async {
        await withUnsafeContinuation { continuation in hand { continuation.resume() } }
    }

    func hand(_ done: @escaping @Sendable () -> Void) {
        let isFirst = waiting.withLock { waiting in
            waiting.append(done)
            return waiting.count == 1
        }
        guard isFirst else { return }
        var one: UInt64 = 1
        write(descriptor, &one, 8)
    }

    fileprivate func run() {
        var count: UInt64 = 0
        while read(descriptor, &count, 8) == 8 {
            let batch = waiting.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
            for done in batch { done() }
        }
    }
}

private func runAnswerThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<AnswerThread>.fromOpaque(context!).takeRetainedValue().run()
    return nil
}
