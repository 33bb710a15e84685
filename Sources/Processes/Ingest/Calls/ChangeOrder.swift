import Access
import Crypto
import HTTP
import JSON
import Ledger
import Orders
import Telemetry

/// `POST` or `PUT /orders/{id}`, and `POST /purchases`: a later event of an order that is there.
struct ChangeOrder: Sendable {
    let acceptance: Acceptance
    let ledger: Ledger
    let now: @Sendable () -> Timestamp
    let random: @Sendable (Int) -> [UInt8]

    /// An update: status, price, date of payment, comments.
    func update(
        _ text: String, _ body: Body, _ context: IngestApplication.Context, key: String?
    ) async throws -> Response {
        let order = try ShowOrder.id(text)
        let change = try body.change(try await settings(for: order, context.caller))
        let kind: Event.Kind = change.status == .refunded ? .refunded : .updated
        return try await response(order, kind, change, context, key: key, status: 200)
    }

    /// A purchase: the payment of an order, named by its id or by its `externalId` and `source`.
    func purchase(_ body: Body, _ context: IngestApplication.Context, key: String?) async throws -> Response {
        let settings = context.caller.settings
        var purchase = try body.purchase(settings)
        let order = purchase.reference.orderID(account: context.caller.account.id)
        let settingsOfOrder = try await self.settings(for: order, context.caller)
        // Only now is it known which currency a price without one is in.
        if settingsOfOrder.currency != settings.currency { purchase = try body.purchase(settingsOfOrder) }
        return try await response(order, .paid, purchase.change, context, key: key, status: 201)
    }

    private func response(
        _ order: OrderID, _ kind: Event.Kind, _ change: OrderChange, _ context: IngestApplication.Context, key: String?,
        status: Int
    ) async throws -> Response {
        let form = CanonicalForm(change)
        let account = context.caller.account
        let distinction: Event.Distinction = key.map { .idempotencyKey($0) } ?? .random(random(6))
        let promise = Promise(event: .later(order, kind, distinction), at: now())
        let repeatKey: RepeatKey =
            key == nil && account.foldsKeyless
            ? RepeatKey(limit: context.caller.token.limitID, of: "\(order).\(kind.rawValue)", digest: form.digest)
            : RepeatKey(promise.event)
        let offer = try acceptance.begin(repeatKey, form, promise: promise) { promise in
            Event(
                id: promise.event.text, account: account.id, order: order, time: promise.at, digest: form.digest,
                traceparent: context.request.trace.traceparent, content: Self.content(kind, change))
        }
        let accepted = try await acceptance.settle(offer, by: context.request.deadline)
        return Self.answer(accepted, kind == .paid ? .success : change.status, status: status)
    }

    private static func content(_ kind: Event.Kind, _ change: OrderChange) -> Event.Content {
        switch kind {
        case .paid: .paid(change)
        case .refunded: .refunded(change)
        case .created, .updated: .updated(change)
        }
    }

    /// The account's settings with the currency that the order was priced in.
    ///
    /// Throws 404 where neither the ledger nor this process knows the order.
    private func settings(for order: OrderID, _ caller: Caller) async throws -> AccountSettings {
        var settings = caller.settings
        if let row = try await ledger.order(order, account: caller.account.id) {
            settings.currency = row.price?.currency ?? settings.currency
        } else if !acceptance.hasAccepted(order, account: caller.account.id) {
            throw ShowOrder.notVisible(order)
        }
        return settings
    }

    /// - Parameter state: what the order's status is to be; nil where it stays.
    private static func answer(_ accepted: Acceptance.Accepted, _ state: OrderStatus?, status: Int) -> Response {
        var response = Answer.success(status: status) { writer in
            writer.object { writer in
                writer.member("id", accepted.promise.event.order.text)
                writer.member("event", accepted.promise.event.text)
                writer.member("status", state?.short)
                writer.member("acceptedAt", accepted.promise.at.iso8601)
            }
        }
        if accepted.isReplayed { response.fields.add("Idempotent-Replayed", "true") }
        return response
    }
}
