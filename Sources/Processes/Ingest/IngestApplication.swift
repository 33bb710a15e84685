import Access
import Crypto
import HTTP
import Ledger
import Orders
import RateLimit
import Telemetry

/// The API: decides by a request's head whether its body is read, and answers it.
///
/// The order is: token known? → permit? → plan, path and method → scope → media type → body → the call itself. So every
/// request with a valid token costs a permit, whatever is wrong with it.
struct IngestApplication: Application {
    /// What a request's head has earned it.
    struct Context: Sendable {
        var call: Call
        var parameters: PathParameters
        var caller: Caller
        var request: RequestContext
    }

    static let bodyBytesMaximum = 256 * 1024

    let router: Router<Call>
    let control: any ControlLookup
    let gate: any PermitGate
    let proxies: TrustedProxies
    let failures = FailedAuthentications()
    let usagePace = UsagePace()
    let calls: Calls
    let metrics: IngestMetrics
    let now: @Sendable () -> Timestamp
    let random: @Sendable () -> UInt64

    func admit(_ head: RequestHead) async -> Admission<Context> {
        var request = RequestContext(head, random: random)
        do {
            guard head.path.hasPrefix("/api/v2/") else { throw Self.notThisAPI(head.path) }
            let caller = try authenticated(head)
            let routing = router.route(head.method, head.path)
            if case .found(.showUsage, _) = routing {
                try look(caller, &request)
            } else {
                try await permit(caller, count: 1, &request)
            }
            try caller.requireAPI()
            let (call, parameters) = try Self.found(routing)
            try caller.require(call.scope)
            if call.hasBody { try Self.check(head) }
            return .read(
                bodyLimit: call.hasBody ? Self.bodyBytesMaximum : 0,
                context: Context(call: call, parameters: parameters, caller: caller, request: request))
        } catch {
            return .answer(refused(error, request))
        }
    }

    func respond(to request: consuming Request, context: consuming Context) async -> Response {
        do {
            let response = try await calls.response(to: request, context: context)
            metrics.answered(context.call, response.status)
            return completed(response, context.request)
        } catch {
            return refused(error, context.request)
        }
    }

    func refusal(status: Int, reason: String, context: Context?) -> Response {
        let refusal =
            switch status {
            case 408: Refusal(status, .timedOut, reason)
            case 413: Refusal(status, .tooLarge, reason)
            case 503: Refusal.unavailable(.temporarilyUnavailable, reason, retryAfter: 1)
            default: Refusal(status, .badRequest, reason)
            }
        return refused(refusal, context?.request ?? RequestContext(random: random))
    }

    /// Who calls. Where nobody can be made out, the address that the request came from is charged with it.
    private func authenticated(_ head: RequestHead) throws(Refusal) -> Caller {
        do throws(Refusal) {
            return try Caller.authenticated(head.fields, by: control, now: now().milliseconds)
        } catch {
            guard let seconds = failures.note(proxies.source(of: head), now: head.arrivedAt) else { throw error }
            throw Refusal(
                429, .tooManyFailures,
                "Too many requests without a valid token came from this address: send a valid token, or wait.",
                fields: ["Retry-After": String(seconds)])
        }
    }

    private func permit(_ caller: Caller, count: Int, _ request: inout RequestContext) async throws(Refusal) {
        let answer = await gate.permit(for: caller.token, count: count)
        request.limit = answer.fields
        if let refusal = Refusal(answer.verdict) { throw refusal }
    }

    /// `GET /usage` costs no permit, and is answered once a second instead.
    private func look(_ caller: Caller, _ request: inout RequestContext) throws(Refusal) {
        request.limit = gate.usage(of: caller.token)?.fields
        guard usagePace.allows(caller.token.id, now: .now) else {
            throw Refusal(
                429, .quotaExceeded, "The usage of a token is told once a second: wait as long as Retry-After says.",
                fields: ["Retry-After": "1"])
        }
    }

    /// The answer with what every one has: the request's id, and how the token's limit stands.
    private func completed(_ response: consuming Response, _ request: RequestContext) -> Response {
        response.fields.add("X-Request-Id", request.id)
        for (name, value) in request.limit?.fields ?? [] { response.fields.add(name, value) }
        return response
    }

    private static func found(_ routing: Routing<Call>) throws(Refusal) -> (Call, PathParameters) {
        switch routing {
        case .found(let call, let parameters): return (call, parameters)
        case .methodNotAllowed(let allowed):
            throw Refusal(
                405, .methodNotAllowed, "This path does not take this method; it takes \(allowed).",
                fields: ["Allow": allowed])
        case .badPath: throw Refusal(400, .badRequest, "The path has a percent sign that stands for nothing.")
        case .notFound: throw Refusal(404, .notFound, "There is no such path in this API: see /api/v2/docs.")
        }
    }

    private static func notThisAPI(_ path: String) -> Refusal {
        if path.hasPrefix("/api/v1") {
            return Refusal(
                404, .notFound,
                "This is version 2 of the API, under /api/v2: version 1 had the token in the query and answered failures with 200."
            )
        }
        return Refusal(404, .notFound, "The API is under /api/v2.")
    }

    /// Refuses a body by its head alone, so that the answer tells of the limit, too.
    private static func check(_ head: RequestHead) throws(Refusal) {
        if let length = head.fields["Content-Length"].flatMap({ Int($0) }), length > bodyBytesMaximum {
            throw Refusal(413, .tooLarge, "The body is larger than \(bodyBytesMaximum) bytes.")
        }
        guard BodyFormat(contentType: head.fields["Content-Type"]) != nil else {
            throw Refusal(
                415, .unsupportedMediaType,
                "The body's media type is none that is read here: send application/json, application/x-www-form-urlencoded or multipart/form-data."
            )
        }
    }

    /// Whatever went wrong, as its caller is told; what is no refusal is a fault of ours or of the ledger.
    private func refused(_ error: any Error, _ request: RequestContext) -> Response {
        let refusal =
            switch error {
            case let refusal as Refusal: refusal
            case let error as LedgerError where error.isRetriable:
                Refusal.unavailable(
                    .temporarilyUnavailable, "The ledger is away: what was accepted is safe, but cannot be shown now.",
                    retryAfter: 5)
            default:
                Refusal.unavailable(
                    .temporarilyUnavailable, "The request could not be served: send it again, with the same key.",
                    retryAfter: 5)
            }
        if !(error is Refusal) { metrics.failed(error, request.id) }
        metrics.refused(refusal)
        return completed(
            Answer.refused(refusal, requestID: request.id, asProblem: request.acceptsProblem), request)
    }
}
