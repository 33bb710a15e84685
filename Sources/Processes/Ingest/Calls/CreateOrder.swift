import Access
import Crypto
import HTTP
import JSON
import Orders
import Telemetry

/// `POST /orders`.
struct CreateOrder: Sendable {
    let acceptance: Acceptance
    let now: @Sendable () -> Timestamp
    let random: @Sendable (Int) -> [UInt8]

    func response(_ body: consuming Body, _ context: IngestApplication.Context, key: String?) async throws -> Response {
        Self.answer(try await acceptance.settle(try begin(body, context, key), by: context.request.deadline))
    }

    /// All that needs no waiting.
    private func begin(
        _ body: consuming Body, _ context: IngestApplication.Context, _ key: String?
    ) throws(Refusal) -> Acceptance.Offer {
        let draft = try body.draft(context.caller.settings)
        let naturalKey = naturalKey(of: draft, key)
        let account = context.caller.account
        let form = CanonicalForm(draft)
        let promise = Promise(event: .created(OrderID(account: account.id, naturalKey)), at: now())
        return try acceptance.begin(
            repeatKey(naturalKey, promise, form.digest, context.caller), form, promise: promise
        ) { promise in
            Event(
                id: promise.event.text, account: account.id, order: promise.event.order, time: promise.at,
                digest: form.digest, traceparent: context.request.trace.traceparent, content: .created(draft))
        }
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

    static func answer(_ accepted: Acceptance.Accepted) -> Response {
        var response = Answer.success(status: 201) { writer in
            writer.object { writer in
                writer.member("id", accepted.promise.event.order.text)
                writer.member("status", "OPENED")
                writer.member("createdAt", accepted.promise.at.iso8601)
            }
        }
        if accepted.isReplayed { response.fields.add("Idempotent-Replayed", "true") }
        return response
    }
}
