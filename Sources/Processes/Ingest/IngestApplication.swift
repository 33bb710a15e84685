import Access
import Control
import Crypto
import HTTP
import Ledger
import Limiter
import Orders
import RateLimit
import Telemetry
import Tracing

/// The API: decides by a request's head whether its body is read, and answers it.
///
/// The order is: token known? → permit? → plan, path and method → scope → media type → body → the call itself. So every
/// request with a valid token costs a permit, even an invalid one.
struct IngestApplication: Application {
    /// What is known of a request after its head was admitted.
    struct Context: Sendable {
        var endpoint: Endpoint
        var parameters: PathParameters
        var caller: Caller
        var request: RequestContext
        var format: BodyFormat
    }

    let api: API
    private let control: any ControlLookup
    private let gate: any PermitGate
    private let proxies: TrustedProxies
    private let failures = FailedAuthentications()
    private let usagePace = UsagePace()
    private let metrics: IngestMetrics
    private let answers: AnswerCounts
    private let now: @Sendable () -> Timestamp
    private let random: @Sendable () -> UInt64
    private let tracer: Tracer?

    /// - Parameter tracer: nil: nothing is traced.
    init(
        services: Services, control: any ControlLookup, proxies: TrustedProxies, registry: Metrics,
        metrics: IngestMetrics, random: @escaping @Sendable () -> UInt64, tracer: Tracer? = nil
    ) {
        api = API(services)
        answers = AnswerCounts(registry, calls: api.endpoints.map(\.name))
        self.control = control
        gate = services.gate
        self.proxies = proxies
        self.metrics = metrics
        now = services.now
        self.random = random
        self.tracer = tracer
    }

    func admit(_ head: RequestHead) async -> Admission<Context> {
        var request = RequestContext(head, random: random, tracer: tracer)
        do {
            guard head.path.hasPrefix("\(Endpoint.root)/") else { throw Self.notThisAPI(head.path) }
            let routing = api.router.route(head.method, head.path)
            if case .found(let endpoint, _) = routing { request.endpoint = endpoint }
            let caller = try authenticated(head)
            try await charge(caller, routing, &request)
            try caller.requireAPI()
            let (endpoint, parameters) = try found(routing)
            try caller.require(endpoint.scope)
            let context = Context(
                endpoint: endpoint, parameters: parameters, caller: caller, request: request,
                format: try endpoint.body.format(head.fields))
            return .read(bodyLimit: endpoint.body.bytesMaximum, context: context)
        } catch {
            return .answer(refused(error, request))
        }
    }

    func respond(to request: consuming Request, context: consuming Context) async -> Response {
        let (endpoint, requestContext) = (context.endpoint, context.request)
        do {
            return completed(try await endpoint.handler(Call(request, context)), requestContext)
        } catch {
            return refused(error, requestContext)
        }
    }

    func refusal(status: Int, reason: String, context: Context?) -> Response {
        let refusal =
            switch status {
            case 408: Refusal(status, .timedOut, reason)
            case 413 where context?.endpoint.body == Endpoint.BodyRule.none:
                Refusal(
                    400, .badRequest,
                    "This call has no body, and ignores one of at most \(Endpoint.BodyRule.none.bytesMaximum) bytes: send no body."
                )
            case 413: Refusal(status, .tooLarge, reason)
            case 503: Refusal.unavailable(.temporarilyUnavailable, reason, retryAfter: 1)
            default: Refusal(status, .badRequest, reason)
            }
        return refused(refusal, context?.request ?? RequestContext(random: random))
    }

    /// The caller. If the token is not valid, the failure counts against the address that the request came from.
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

    /// Takes the request's permits; one without an endpoint costs a permit, too.
    private func charge(
        _ caller: Caller, _ routing: Routing<Endpoint>, _ request: inout RequestContext
    ) async throws(Refusal) {
        if case .found(let endpoint, _) = routing, endpoint.cost == .oncePerSecond {
            request.limit = gate.usage(of: caller.limit)?.fields
            guard usagePace.allows(caller.token.id, now: .now) else {
                throw Refusal(
                    429, .quotaExceeded, "This call answers a token once a second: wait as long as Retry-After says.",
                    fields: ["Retry-After": "1"])
            }
        } else {
            let answer = await gate.permit(of: caller.limit, count: 1)
            request.limit = answer.fields
            if let refusal = Refusal(answer.verdict) { throw refusal }
        }
    }

    /// The answer, counted, with the fields of every answer: the request's id, and the state of the token's limit.
    private func completed(_ response: consuming Response, _ request: RequestContext) -> Response {
        answers.count(request.endpoint?.name, response.status)
        request.trace.end(request.endpoint, status: response.status)
        response.fields.add("X-Request-Id", request.id)
        if let limit = request.limit { response.fields.add(limit) }
        return response
    }

    private func found(_ routing: Routing<Endpoint>) throws(Refusal) -> (Endpoint, PathParameters) {
        switch routing {
        case .found(let endpoint, let parameters): return (endpoint, parameters)
        case .methodNotAllowed(let allowed):
            throw Refusal(
                405, .methodNotAllowed, "This path does not allow this method; it allows \(allowed).",
                fields: ["Allow": allowed])
        case .badPath: throw Refusal(400, .badRequest, "The path has an invalid percent-encoding.")
        case .notFound: throw Refusal(404, .notFound, "Unknown path. The paths of this API are \(api.paths).")
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

    /// Any error as a refusal for the caller; errors other than refusals are faults of ours or of the ledger.
    private func refused(_ error: any Error, _ request: RequestContext) -> Response {
        let refusal =
            switch error {
            case let refusal as Refusal: refusal
            case let error as LedgerError where error.isRetriable:
                Refusal.unavailable(
                    .temporarilyUnavailable,
                    "The ledger is unavailable: accepted orders are safe, but cannot be shown now.",
                    retryAfter: 5)
            default:
                Refusal.unavailable(
                    .temporarilyUnavailable, "The request could not be served: send it again, with the same key.",
                    retryAfter: 5)
            }
        if !(error is Refusal) { metrics.failed(error, request) }
        metrics.refused(refusal)
        return completed(
            Answer.refused(refusal, requestID: request.id, asProblem: request.acceptsProblem), request)
    }
}
