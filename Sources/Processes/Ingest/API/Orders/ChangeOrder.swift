import Access
import Control
import Crypto
import HTTP
import JSON
import Ledger
import Orders
import Telemetry

extension Endpoint {
    /// An update: status, price, date of payment, comments.
    static func updateOrder(_ services: Services) -> Endpoint {
        let changes = ChangeOrder(services)
        return Endpoint(
            "updateOrder", .post, .put, path: "/orders/{id}", scope: .write, body: .fields,
            summary: "changes it: `status`, `price`, `paymentDate`, `userComments`; `REFUNDED` is a refund"
        ) { try await changes.update($0) }
    }

    /// The payment of an order.
    static func createPurchase(_ services: Services) -> Endpoint {
        let changes = ChangeOrder(services)
        return Endpoint(
            "createPurchase", .post, path: "/purchases", scope: .write, body: .fields,
            summary: "an order was paid; named by `orderId`, or by `externalId` and `source`"
        ) { try await changes.purchase($0) }
    }
}

/// Later events of an existing order.
private struct ChangeOrder: Sendable {
    let acceptance: Acceptance
    let ledger: Ledger
    let unread: UnreadOrders
    let now: @Sendable () -> Timestamp
    let random: @Sendable (Int) -> [UInt8]

    init(_ services: Services) {
        acceptance = services.acceptance
        ledger = services.ledger
        unread = services.unread
        now = services.now
        random = services.random
    }

    func update(_ call: Call) async throws -> Response {
        let key = try IdempotencyKey.read(call.fields)
        let order = try call.orderID
        var settings = call.caller.settings
        let (currency, status) = try await standing(of: order, call.caller)
        settings.currency = currency
        let read = try call.body.change(settings, of: status)
        let change = read.value
        // An order that is sent back as it was shown changes nothing, so nothing is published.
        if change == OrderChange(), let status { return Self.unchanged(order, status, read.warnings) }
        let content: Event.Content = change.status == .refunded ? .refunded(change) : .updated(change)
        return try await response(order, content, read, call, key: key, status: 200)
    }

    func purchase(_ call: Call) async throws -> Response {
        let key = try IdempotencyKey.read(call.fields)
        let purchase = try call.body.purchase(call.caller.settings)
        let order = purchase.named.orderID(account: call.caller.account.id)
        // Only now is the currency of a price without one known.
        let (currency, _) = try await standing(of: order, call.caller)
        let read = try Refusal.catching { () throws(BodyError) in try purchase.reading(pricedIn: currency) }
        return try await response(order, .paid(read.value), read, call, key: key, status: 201)
    }

    private func response(
        _ order: OrderID, _ content: Event.Content, _ read: ReadBody<OrderChange>, _ call: Call, key: String?,
        status: Int
    ) async throws -> Response {
        let (form, warnings) = (CanonicalForm(read), read.warnings)
        let caller = call.caller
        let kind = content.kind
        let distinction: Event.Distinction = key.map { .idempotencyKey($0) } ?? .random(random(6))
        let promise = Promise(event: .later(order, kind, distinction), at: now())
        let repeatKey: RepeatKey =
            key == nil && caller.account.foldsKeyless
            ? RepeatKey(limit: caller.token.limitID, of: "\(order).\(kind.rawValue)", digest: form.digest)
            : RepeatKey(promise.event)
        let offer = try acceptance.begin(repeatKey, form, promise: promise, in: call.context.trace) {
            promise, traceparent in
            Event(
                id: promise.event.text, account: caller.account.id, order: order, time: promise.at,
                digest: form.digest, traceparent: traceparent, content: content, warnings: warnings)
        }
        let accepted = try await acceptance.settle(offer, for: call.context)
        return Self.answer(accepted, content.status, warnings, status: status)
    }

    /// The order's currency, else the account's; and its status, if the ledger shows it.
    ///
    /// Throws a 404 if neither the ledger nor this process knows the order.
    private func standing(of order: OrderID, _ caller: Caller) async throws -> (Currency, OrderStatus?) {
        if let row = try await ledger.order(order, account: caller.account.id) {
            return (row.price?.currency ?? caller.settings.currency, row.status)
        }
        guard acceptance.accepted(order, account: caller.account.id) != nil else {
            throw Refusal.notVisible(order, try await unread.stop(of: .order, order), to: caller)
        }
        return (caller.settings.currency, nil)
    }

    /// - Parameter state: the order's new status; nil if it does not change.
    private static func answer(
        _ accepted: Acceptance.Accepted, _ state: OrderStatus?, _ warnings: [FieldWarning], status: Int
    ) -> Response {
        var response = Answer.success(status: status) { writer in
            writer.object { writer in
                writer.member("id", accepted.promise.event.order.text)
                writer.member("event", accepted.promise.event.text)
                writer.member("status", state?.outcomeName)
                writer.member("acceptedAt", accepted.promise.at.iso8601)
                writer.warnings(warnings)
            }
        }
        if accepted.isReplayed { response.fields.add("Idempotent-Replayed", "true") }
        return response
    }

    private static func unchanged(_ order: OrderID, _ status: OrderStatus, _ warnings: [FieldWarning]) -> Response {
        Answer.success { writer in
            writer.object { writer in
                writer.member("id", order.text)
                writer.member("status", status.outcomeName)
                writer.warnings(warnings)
            }
        }
    }
}
