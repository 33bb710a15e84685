import CMicrohttpd
import Glibc
import Synchronization

/// The decision about a request's head.
public enum Admission<Context: Sendable>: Sendable {
    /// Answered at once; the body is not read.
    case answer(Response)
    /// The body is read, at most `bodyLimit` bytes (else 413), and `context` goes with it to
    /// ``Application/respond(to:context:)``.
    case read(bodyLimit: Int, context: Context)
}

/// A program behind the HTTP server. Its calls run on the thread that serves the connection, and must not block it.
public protocol Application: Sendable {
    associatedtype Context: Sendable
    /// Decides by the head alone: authentication, permits, method, path, media type.
    func admit(_ head: RequestHead) async -> Admission<Context>
    /// Answers the whole request.
    func respond(to request: consuming Request, context: consuming Context) async -> Response
    /// The answer when the server itself must refuse a request (408, 413, 431, …), in the application's own shape.
    ///
    /// - Parameter context: what admitting the request gave; nil if its head was malformed.
    func refusal(status: Int, reason: String, context: Context?) -> Response
}

/// Where and within which bounds the server serves.
public struct ServerSettings: Sendable {
    /// The default of ``headBytesMaximum``.
    public static let usualHeadBytesMaximum = 16 * 1024

    /// Address and port, `0.0.0.0:8080`; port 0 takes any free one.
    public var listen: String
    /// How many threads serve, each its own connections: the kernel distributes new ones evenly.
    public var threads = 1
    /// Shared equally among the threads; further connections wait.
    public var connectionsMaximum = 4096
    /// From one address on one thread; 0: no limit.
    public var connectionsPerAddressMaximum = 0
    /// In bytes, for a request's line and fields, and for the answer's head. The library clears this much memory for
    /// every request, and reads bodies in pieces of half of it. The other half holds 64 bytes for each field: if that
    /// is not enough, the library closes without an answer.
    public var headBytesMaximum = usualHeadBytesMaximum
    /// In bytes, for the bodies of all requests under way together; beyond it the answer is 503.
    public var bodyBytesMaximum = 256 * 1024 * 1024
    /// How long after the head the whole body must have arrived; else 408.
    public var bodyDeadline: Duration = .seconds(8)
    /// How long a connection may stay without a request.
    public var idleTimeout: Duration = .seconds(60)

    public init(listen: String) { self.listen = listen }
}

/// Why the server could not start: port taken, address unknown, …
public struct ServerError: Error, Sendable, CustomStringConvertible {
    /// What is to be changed: another program, the setting, the user's rights, or the system.
    public enum Code: Sendable { case addressInUse, badAddress, permissionDenied, other }
    public let code: Code
    public let message: String
    public var description: String { message }
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// An HTTP/1.1 server on loop threads of its own, by the rules of DESIGN §11. A connection stays on one thread.
///
/// Ends when it is released, without waiting for what is in flight; ``stop(timeout:)`` waits.
public final class Server: Sendable {
    /// The port that it listens on.
    public let port: Int
    let loops: [ServerLoop]
    /// Connections that are open now, idle ones among them.
    public var connectionCount: Int { loops.reduce(0) { $0 + $1.connectionCount.load(ordering: .relaxed) } }

    /// Starts to serve.
    ///
    /// - Throws: ``ServerError`` if the address cannot be listened on.
    public init<App: Application>(_ settings: ServerSettings, application: App) throws(ServerError) {
        let listeners = try Listener.open(settings.listen, count: max(1, settings.threads))
        port = SocketAddress.port(of: listeners[0])
        let bodies = BodyBudget(settings.bodyBytesMaximum)
        loops = listeners.map { _ in
            ServerLoop(settings, bodies) { status, reason in
                application.refusal(status: status, reason: reason, context: nil)
            } serve: { exchange in
                await Self.serve(exchange, application)
            }
        }
        let daemons = zip(listeners, loops).map { Self.startDaemon($0, $1) }
        guard daemons.allSatisfy({ $0 != nil }) else {
            for case let daemon? in daemons { MHD_stop_daemon(daemon) }
            for (listener, daemon) in zip(listeners, daemons) where daemon == nil { close(listener) }
            throw ServerError(.other, "cannot serve on \(settings.listen): libmicrohttpd refused its settings")
        }
        for (loop, daemon) in zip(loops, daemons) {
            loop.daemon = daemon
            loop.start()
        }
    }

    deinit { for loop in loops { _ = loop.inbox.append(StopOrder(deadline: 0) {}) } }

    /// Takes no new connections, answers what is in flight (for at most `timeout`), then ends.
    public func stop(timeout: Duration) async {
        let deadline = LoopClock.now + timeout.nanoseconds
        await withDiscardingTaskGroup { group in
            for loop in loops { group.addTask { await loop.stop(by: deadline) } }
        }
    }

    /// A request's task: the head's turn, the body, the answer.
    private static func serve(_ exchange: Exchange, _ application: some Application) async {
        switch await application.admit(exchange.head) {
        case .answer(let response): exchange.answer(response)
        case .read(let limit, let context):
            switch await exchange.wholeBody(limit: limit) {
            case .whole(let body):
                exchange.answer(
                    await application.respond(to: Request(head: exchange.head, body: body), context: context))
            case .refused(let status, let reason):
                exchange.refuse(application.refusal(status: status, reason: reason, context: context))
            case .gone: break
            }
        }
    }

    private static func startDaemon(_ listener: Int32, _ loop: ServerLoop) -> OpaquePointer? {
        let settings = loop.settings
        var bounds = cmhd_settings()
        bounds.listener = listener
        let threads = max(1, settings.threads)
        bounds.connections_maximum = UInt32(clamping: (settings.connectionsMaximum + threads - 1) / threads)
        bounds.connections_per_address_maximum = UInt32(clamping: settings.connectionsPerAddressMaximum)
        bounds.memory_per_connection = settings.headBytesMaximum
        bounds.idle_timeout_seconds = UInt32(clamping: max(1, settings.idleTimeout.components.seconds))
        // Not retained: the loop's thread keeps the loop, and ends the daemon first.
        bounds.context = Unmanaged.passUnretained(loop).toOpaque()
        bounds.on_request = onRequest
        bounds.on_completed = onCompleted
        bounds.on_connection = onConnection
        bounds.on_target = onTarget
        bounds.unescape = keepEscaped
        return cmhd_start(&bounds)
    }
}
