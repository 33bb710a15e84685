import Access
import Control
import Crypto
import HTTP
import JSON
import Orders
import Telemetry

extension Endpoint {
    static func createOrder(_ services: Services) -> Endpoint {
        let creation = CreateOrder(acceptance: services.acceptance, now: services.now, random: services.random)
        return Endpoint(
            "createOrder", .post, path: "/orders", scope: .write, body: .fields,
            summary: "takes an order; 201 with its id"
        ) { try await creation.response($0) }
    }
}

private struct CreateOrder: Sendable {
    let acceptance: Acceptance
    let now: @Sendable () -> Timestamp
    let random: @Sendable (Int) -> [UInt8]

    func response(_ call: consuming Call) async throws -> Response {
        let request = call.context
        let (offer, warnings) = try begin(call)
        return Self.answer(try await acceptance.settle(offer, for: request), warnings)
    }

    /// Everything that needs no waiting: while it waits for Kafka, the request holds only the record.
    private func begin(_ call: consuming Call) throws(Refusal) -> (Acceptance.Offer, [FieldWarning]) {
        let idempotencyKey = try IdempotencyKey.read(call.fields)
        let read = try call.body.draft(call.caller.settings)
        let naturalKey = read.withNamed { self.naturalKey(of: $0, idempotencyKey) }
        let (caller, trace) = (call.caller, call.context.trace)
        let (form, warnings) = (CanonicalForm(read), read.warnings)
        let promise = Promise(event: .created(OrderID(account: caller.account.id, naturalKey)), at: now())
        let key = repeatKey(naturalKey, promise, form.digest, caller)
        let offer = try acceptance.begin(key, form, promise: promise, in: trace) { promise, traceparent in
            Event(
                id: promise.event.text, account: caller.account.id, order: promise.event.order, time: promise.at,
                digest: form.digest, traceparent: traceparent, content: .created(read.value), warnings: warnings)
        }
        return (offer, warnings)
    }

    /// What names the order: its own number, else the request's key, else nothing.
    private func naturalKey(of draft: OrderDraft, _ key: String?) -> NaturalKey {
        if let id = draft.externalID { return .external(id: id, source: draft.source) }
        if let key { return .idempotencyKey(key) }
        return .random(random(12))
    }

    private func repeatKey(_ key: NaturalKey, _ promise: Promise, _ digest: Digest, _ caller: Caller) -> RepeatKey {
        if case .random = key, caller.account.foldsKeyless {
            return RepeatKey(limit: caller.token.limitID, of: "order", digest: digest)
        }
        return RepeatKey(promise.event)
    }

    private static func answer(_ accepted: Acceptance.Accepted, _ warnings: [FieldWarning]) -> Response {
        var response = Answer.success(status: 201) { writer in
            writer.object { writer in
                writer.member("id", accepted.promise.event.order.text)
                writer.member("status", OrderStatus.pending.outcomeName)
                writer.member("createdAt", accepted.promise.at.iso8601)
                writer.warnings(warnings)
            }
        }
        if accepted.isReplayed { response.fields.add("Idempotent-Replayed", "true") }
        return response
    }
}
