import CommandLine
import Ledger
import Orders

/// What `replay` was asked for, but for what only the ledger knows. Pure.
struct ReplayRequest: Equatable {
    static let options = [
        Option("order", value: "ID", isRepeatable: true, "of this order"),
        Option("customer", value: "EMAIL", "of the orders of this customer"),
        Option("destination", value: "NAME", "to this destination, as email or crm/ID"),
        Option("connection", value: "ID", "to this connection"),
        Option("worker", value: "NAME", "of this worker"),
        Option("from", value: "TIME", "taken in at this time or later: ISO 8601 (UTC), or as 90m, 12h or 3d ago"),
        Option("to", value: "TIME", "taken in before this time"),
        Option("account", value: "NAME", "of this account only"),
        Option("state", value: "STATES", "dead, parked or done, with commas between (default: dead,parked)"),
        Option("reason", value: "TEXT", "whose reason begins so"),
        Option("again", "also messages that a buyer has, or may have"),
        Option("rate", value: "N", "deliveries a second, of each worker (default: \(Replay.usualRate))"),
        Option("name", value: "TEXT", "what it is for (default: what it is about)"),
        Option("dry-run", "counts only, by state and reason"),
    ]

    var selection: ReplaySelection
    var customer: String?
    var account: String?
    var rate: Int
    var name: String
    var isDryRun: Bool

    /// - Parameters:
    ///   - now: what relative times count from.
    ///   - workers: those that there are.
    /// - Throws: ``WrongUse``
    init(_ invocation: Invocation, now: Timestamp, workers: [String]) throws {
        let (from, to) = try invocation.times(now: now)
        selection = ReplaySelection(
            orders: try invocation.values("order").map(Self.order), worker: invocation.value("worker"),
            destination: invocation.value("destination").map { Destination($0) },
            connection: invocation.value("connection"), from: from, to: to,
            states: try Self.states(invocation.value("state")),
            reason: invocation.value("reason"), again: invocation.isSet("again"))
        customer = invocation.value("customer")
        account = invocation.value("account")
        rate = try invocation.number("rate", in: Replay.rates) ?? Replay.usualRate
        isDryRun = invocation.isSet("dry-run")
        if let worker = selection.worker, !workers.contains(worker) {
            throw WrongUse("--worker must be one of \(workers.joined(separator: ", ")), not \(worker)")
        }
        if selection.destination == .conflict {
            throw WrongUse("what lies at the destination conflict has no receiver and cannot be replayed")
        }
        guard selection.isNarrowed || customer != nil else {
            throw WrongUse("say what is meant: --order, --customer, --destination, --connection, --from or --to")
        }
        guard customer == nil || selection.orders.isEmpty else {
            throw WrongUse("--order and --customer exclude each other")
        }
        guard selection.orders.count <= ReplaySelection.ordersMaximum else {
            throw WrongUse("--order may be given \(ReplaySelection.ordersMaximum) times at most")
        }
        name = ""
        name = invocation.value("name") ?? String(summary.prefix(Replay.wordsMaximum))
    }

    private static func order(_ text: String) throws -> OrderID {
        guard let id = OrderID(text) else {
            throw WrongUse("--order must be an order's id, 24 digits of 0-9 and a-f, not \(text)")
        }
        return id
    }

    private static func states(_ text: String?) throws -> Set<DeliveryState> {
        guard let text else { return ReplaySelection.usualStates }
        let states = text.split(separator: ",", omittingEmptySubsequences: false).map { name -> DeliveryState? in
            DeliveryState(rawValue: String(name)).flatMap { ReplaySelection.possibleStates.contains($0) ? $0 : nil }
        }
        guard states.allSatisfy({ $0 != nil }) else {
            throw WrongUse("--state must be dead, parked or done, with commas between, not \(text)")
        }
        return Set(states.compactMap(\.self))
    }

    /// What it is about, without a buyer's data.
    private var summary: String {
        var words = [selection.states.map(\.rawValue).sorted().joined(separator: ",")]
        if let order = selection.orders.first {
            words.append(selection.orders.count == 1 ? "of order \(order)" : "of \(selection.orders.count) orders")
        }
        if customer != nil { words.append("of a customer") }
        if let destination = selection.destination { words.append("to \(destination)") }
        if let connection = selection.connection { words.append("to connection \(connection)") }
        if let worker = selection.worker { words.append("of \(worker)") }
        if let from = selection.from { words.append("from \(from.iso8601)") }
        if let to = selection.to { words.append("to \(to.iso8601)") }
        return words.joined(separator: " ")
    }
}
