import Intake
import Ledger
import Orders

/// The orders that a batch is about, as its events change them one after another: a later event of the same batch sees
/// the effect of an earlier one.
struct Tally {
    private var rows: [OrderID: OrderRow]

    init(rows: [OrderID: OrderRow]) { self.rows = rows }

    /// Applies the event to its order, and plans the changes in the ledger.
    mutating func take(_ planned: PlannableEvent) -> Plan {
        let event = planned.event
        let present = rows[event.order]
        let before = present.map(OrderState.init)
        if let before, before.account != event.account {
            return Plan(.skipped(reason: "the order belongs to another account"))
        }
        var after: OrderState
        if case .created = event.content {
            // Its event was pruned or had another id: the order itself is counted already.
            guard before == nil, let created = OrderState(event) else {
                return Plan(.skipped(reason: "the order exists already"))
            }
            after = created
        } else {
            guard let before else { return Plan(.skipped(reason: "a change of an unknown order")) }
            after = before
            after.apply(event)
        }
        let row = OrderRow(after, creation: present?.creation ?? planned.value)
        rows[event.order] = row
        let counts = Self.counts(from: before, to: after, partition: planned.source.partition)
        return Plan(.planned([]), changes: [.order(row)] + counts)
    }

    private static func counts(from before: OrderState?, to after: OrderState, partition: Int32) -> [ReadModelChange] {
        var changes: [ReadModelChange] = []
        let old = before.map { Count($0, partition: partition) } ?? Count()
        for (key, value) in Count(after, partition: partition).difference(from: old) {
            changes.append(.count(key, value))
        }
        if let soldAt = after.soldAt, before?.soldAt == nil {
            // An order without any address counts as a buyer of its own.
            let buyer = after.draft.buyer.mark(account: after.account) ?? after.id.text
            changes.append(
                .buyer(
                    SaleBuyer(
                        account: after.account, offer: Count.offer(of: after), source: Count.source(of: after),
                        minute: soldAt.minute, buyer: buyer)))
        }
        return changes
    }
}
