import Access
import Control
import Ledger
import Orders

/// What a caller asks to be replayed, of its own account.
struct ReplayOptions {
    /// Rows that are looked at before the answer, which is awaited.
    static let lookedMaximum = 20_000

    let selection: ReplaySelection
    let name: String
    let rate: Int
    /// Counts only.
    let isDryRun: Bool

    /// Throws a 422 with all faults.
    init(_ members: [(name: String, value: String)], _ account: AccountRecord) throws(Refusal) {
        var options = Query(members, of: "body")
        var selection = ReplaySelection(account: account.id)
        selection.orders = options.values("order", expected: "an order's id, 24 digits of 0-9 and a-f") { OrderID($0) }
        selection.destination = options.value("destination", expected: "a destination as email or crm/ID") { text in
            let destination = Destination(text)
            return destination == .conflict ? nil : destination
        }
        selection.connection = options.text("connection")
        selection.worker = options.text("worker")
        selection.from = options.instant("from", account.zone)
        selection.to = options.instant("to", account.zone)
        selection.reason = options.text("reason")
        let states = options.values("state", expected: "dead, parked or done") { text in
            DeliveryState(rawValue: text).flatMap { ReplaySelection.possibleStates.contains($0) ? $0 : nil }
        }
        if !states.isEmpty { selection.states = Set(states) }
        selection.again = options.flag("again") ?? false
        rate = options.number("rate", in: Replay.rates) ?? Replay.usualRate
        isDryRun = options.flag("dryRun") ?? false
        name = String((options.text("name") ?? "by the API").prefix(Replay.wordsMaximum))
        if selection.orders.count > ReplaySelection.ordersMaximum {
            options.fault("order", expected: "at most \(ReplaySelection.ordersMaximum) orders", got: "more")
        } else if !selection.isNarrowed {
            options.fault("order", expected: "order, destination, connection, from or to", got: "none of them")
        } else if selection.states.contains(.done), selection.orders.isEmpty {
            options.fault("state", expected: "done only together with order", got: "done without order")
        }
        try options.finish()
        self.selection = selection
    }
}
