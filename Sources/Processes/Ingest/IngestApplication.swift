import Access
import Crypto
import HTTP
import Ledger
import Orders
import Telemetry

/// The API: decides by a request's head whether its body is read, and answers it.
///
/// The order is: token known? → permit? → path and method → media type → body → the call itself.
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
    let calls: Calls
    let metrics: IngestMetrics
    let now: @Sendable () -> Timestamp
    let random: @Sendable (Int) -> [UInt8]

    func admit(_ head: RequestHead) async -> Admission<Context> {
        let request = RequestContext(head, random: random)
        do {
            guard head.path.hasPrefix("/api/v2/") else { throw Self.notThisAPI(head.path) }
            let caller = try Caller.authenticated(head.fields, by: control, now: now().milliseconds)
            try await permit(caller, count: 1)
            let (call, parameters) = try route(head)
            try caller.require(call.scope)
            if call.hasBody { try Self.checkMediaType(head.fields["Content-Type"]) }
            return .read(
                bodyLimit: call.hasBody ? Self.bodyBytesMaximum : 0,
                context: Context(call: call, parameters: parameters, caller: caller, request: request))
        } catch {
            return .answer(refused(error, request))
        }
    }

    func respond(to request: Request, context: Context) async -> Response {
        do {
            var response = try await calls.response(to: request, context: context)
            response.fields.add("X-Request-Id", context.request.id)
            metrics.answered(context.call, response.status)
            return response
        } catch {
            return refused(error, context.request)
        }
    }

    func refusal(status: Int, reason: String) -> Response {
        let code: Refusal.Code =
            switch status {
            case 408: .timedOut
            case 413: .tooLarge
            default: .badRequest
            }
        return refused(Refusal(status, code, reason), RequestContext(random: random))
    }

    private func permit(_ caller: Caller, count: Int) async throws(Refusal) {
        switch await gate.permit(limitID: caller.token.limitID, limit: caller.token.limit, count: count) {
        case .granted: return
        }
    }

    private func route(_ head: RequestHead) throws(Refusal) -> (Call, PathParameters) {
        switch router.route(head.method, head.path) {
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

    private static func checkMediaType(_ field: String?) throws(Refusal) {
        guard BodyFormat(contentType: field) != nil else {
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
        var response = Answer.refused(refusal, requestID: request.id, asProblem: request.acceptsProblem)
        response.fields.add("X-Request-Id", request.id)
        return response
    }
}
