import Intake
import Ledger
import Orders

/// The orders that a batch is about, as its events change them one after another: a later event of the same batch sees
/// what an earlier one did.
struct Tally {
    private var orders: [OrderID: OrderState]

    init(rows: [OrderID: OrderRow]) { orders = rows.mapValues(OrderState.init) }

    /// Changes the event's order and says what that changes in the ledger.
    mutating func take(_ event: Event, partition: Int32) -> Plan {
        let before = orders[event.order]
        if let before, before.account != event.account {
            return Plan(.skipped(reason: "the order is another account's"))
        }
        var after: OrderState
        if case .created = event.content {
            // Its event was forgotten (pruned) or came under another id: the order itself is counted already.
            guard before == nil, let created = OrderState(event) else {
                return Plan(.skipped(reason: "the order exists already"))
            }
            after = created
        } else {
            guard let before else { return Plan(.skipped(reason: "a change of an order that is not known")) }
            after = before
            after.apply(event)
        }
        orders[event.order] = after
        return Plan(.planned([]), changes: Self.changes(from: before, to: after, partition: partition))
    }

    private static func changes(from before: OrderState?, to after: OrderState, partition: Int32) -> [ReadModelChange] {
        var changes: [ReadModelChange] = [.order(OrderRow(after))]
        let old = before.map { Count($0, partition: partition) } ?? Count()
        for (key, value) in Count(after, partition: partition).difference(from: old) {
            changes.append(.count(key, value))
        }
        if let soldAt = after.soldAt, before?.soldAt == nil {
            // An order without any address has a buyer of its own.
            let buyer = after.draft.buyer.mark(account: after.account) ?? after.id.text
            changes.append(.buyer(account: after.account, day: soldAt.day, buyer: buyer))
        }
        return changes
    }
}
