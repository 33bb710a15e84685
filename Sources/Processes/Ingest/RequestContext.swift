import Crypto
import HTTP
import RateLimit
import Telemetry

/// What goes with a request through all of its handling.
struct RequestContext: Sendable {
    /// In every answer as `X-Request-Id`, and in the logs.
    let id: String
    /// Whether the caller asks for RFC 9457's shape.
    let acceptsProblem: Bool
    /// The trace that this request belongs to: the caller's, or a new one.
    let trace: TraceContext
    /// How the token's limit stands, told in every answer once the request is authenticated; nil before that.
    var limit: RateLimitFields?

    init(_ head: RequestHead, random: (Int) -> [UInt8]) {
        id = hexadecimal(random(8))
        acceptsProblem = head.fields["Accept"]?.contains("application/problem+json") ?? false
        trace =
            head.fields["traceparent"].flatMap(TraceContext.init(traceparent:))?.child(random: random)
            ?? TraceContext(random: random)
    }

    /// Of a request that could not be read.
    init(random: (Int) -> [UInt8]) {
        id = hexadecimal(random(8))
        acceptsProblem = false
        trace = TraceContext(random: random)
    }
}
