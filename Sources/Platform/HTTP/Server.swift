/// What the head of a request earns.
public enum Admission<Context: Sendable>: Sendable {
    /// Answered before the body is read, which then is not.
    case answer(Response)
    /// The body is read, at most `bodyLimit` bytes (else 413), and `context` goes with it to ``Application/respond(to:context:)``.
    case read(bodyLimit: Int, context: Context)
}

/// A program behind the HTTP server. Both calls run on the server's loop thread and must not block it.
public protocol Application: Sendable {
    associatedtype Context: Sendable
    /// Decides by the head alone: authentication, permits, method, path, media type.
    func admit(_ head: RequestHead) async -> Admission<Context>
    /// Answers the whole request.
    func respond(to request: Request, context: Context) async -> Response
    /// The answer where the server itself must refuse a request (408, 413, 431, …), in the application's own shape.
    func refusal(status: Int, reason: String) -> Response
}

/// Where and within which bounds the server serves.
public struct ServerSettings: Sendable {
    /// Address and port, `0.0.0.0:8080`; port 0 takes any free one.
    public var listen: String
    public var connectionsMaximum = 4096
    public var connectionsPerAddressMaximum = 0
    public var headBytesMaximum = 32 * 1024
    /// The whole body must have come this long after the head.
    public var bodyDeadline: Duration = .seconds(8)
    public var idleTimeout: Duration = .seconds(60)

    public init(listen: String) { self.listen = listen }
}

/// What kept the server from starting: port taken, address unknown, …
public struct ServerError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable { case addressInUse, badAddress, permissionDenied, other }
    public let code: Code
    public let message: String
    public var description: String { message }
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// An HTTP/1.1 server on one loop thread of its own, by the rules of DESIGN §11.
public final class Server: Sendable {
    /// Serves at once.
    public init(_ settings: ServerSettings, application: some Application) throws(ServerError) { fatalError("to be written") }
    /// The port that it listens on.
    public var port: Int { fatalError("to be written") }
    /// Takes no new connections, answers what is in flight (at most `timeout`), then ends.
    public func stop(timeout: Duration) async { fatalError("to be written") }
}
