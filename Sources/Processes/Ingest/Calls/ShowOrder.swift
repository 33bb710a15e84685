import Access
import HTTP
import Ledger
import Orders

/// `GET /orders/{id}` and `GET /orders/{id}/timeline`.
struct ShowOrder: Sendable {
    let ledger: Ledger

    func order(_ text: String, caller: Caller) async throws -> Response {
        let id = try Self.id(text)
        guard let row = try await ledger.order(id, account: caller.account.id) else { throw Self.notVisible(id) }
        let states = try await ledger.deliveryStates(of: [id])
        return Answer.success { OrderJSON.write(row, deliveries: states[id] ?? [], &$0) }
    }

    func timeline(_ text: String, caller: Caller) async throws -> Response {
        let id = try Self.id(text)
        let entries = try await ledger.timeline(of: id, account: caller.account.id)
        guard !entries.isEmpty else { throw Self.notVisible(id) }
        return Answer.success { TimelineJSON.write(entries, of: id, &$0) }
    }

    static func id(_ text: String) throws(Refusal) -> OrderID {
        guard let id = OrderID(text) else {
            throw Refusal(404, .wrongID, "The order's id is malformed: an id is 24 lower-case hexadecimal characters.")
        }
        return id
    }

    /// `ingest` cannot tell "not yet" from "never": a 201 is final, seeing the order may take a moment.
    static func notVisible(_ id: OrderID) -> Refusal {
        Refusal(
            404, .notVisible, "No order \(id) is visible: if it was just accepted, it will be in a moment.",
            fields: ["Retry-After": "1"])
    }
}
