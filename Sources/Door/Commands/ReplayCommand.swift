import Access
import CommandLine
import Intake
import Ledger
import Orders

/// `replay`, `replay list`, `replay show`, `replay watch`, `replay set`, `replay abort`.
enum ReplayCommand {
    static let actions = [
        Action(
            changing: Command(
                "replay", options: ReplayRequest.options, "has deliveries attempted once more, and shows the progress")
        ) { base, invocation in try await base.withLedger { try await make(base, $0, invocation) } },
        Action(Command("replay list", "lists the latest replays")) { base, _ in
            try await base.withLedger { try await list($0) }
        },
        Action(Command("replay show", arguments: ["ID"], "shows a replay, and the deliveries that it left out")) {
            base, invocation in try await base.withLedger { try await show($0, invocation.arguments[0]) }
        },
        Action(Command("replay watch", arguments: ["ID"], "shows a replay's progress until it ends")) {
            base, invocation in try await base.withLedger { try await watch(base, $0, invocation.arguments[0]) }
        },
        Action(
            changing: Command(
                "replay set", arguments: ["ID"],
                options: [Option("rate", value: "N", isRequired: true, "deliveries a second, of each worker")],
                "makes a running replay faster or slower")
        ) { base, invocation in try await base.withLedger { try await set($0, invocation) } },
        Action(
            changing: Command(
                "replay abort", arguments: ["ID"],
                "ends a running replay; what it has not reached stays as it is")
        ) { base, invocation in try await base.withLedger { try await abort($0, invocation) } },
    ]

    private static let listed = 100
    private static let pause = Duration.seconds(1)

    // MARK: Making

    private static func make(_ base: Base, _ ledger: Ledger, _ invocation: Invocation) async throws {
        let request = try ReplayRequest(
            invocation, now: Timestamp(milliseconds: base.now()), workers: Processes.workers.map(\.name))
        let author = try invocation.author()
        var selection = request.selection
        if let name = request.account { selection.account = try await ledger.account(named: name).id }
        if let customer = request.customer {
            selection.orders = try await orders(of: customer, account: selection.account, ledger)
        }
        let tally = try await ledger.tally(selection)
        // At once: a pipe's reader waits for the id while the replay runs.
        for line in ReplayReport.lines(of: tally) { StandardOutput.write(line) }
        if request.isDryRun { return }
        guard tally.count(.replayed) > 0 else { throw Failure("there is nothing to replay") }
        let id = try await ledger.makeReplay(
            selection, tally: tally, name: request.name, author: author, rate: request.rate)
        StandardOutput.write("replay\t\(id)")
        try await watch(base, ledger, id)
    }

    /// Frozen now: orders that come later are not meant.
    private static func orders(of customer: String, account: String?, _ ledger: Ledger) async throws -> [OrderID] {
        let accounts = if let account { [account] } else { try await ledger.accounts().map(\.id) }
        var orders: [OrderID] = []
        for account in accounts {
            var filter = OrderFilter(account: account)
            filter.email = customer
            filter.limit = ReplaySelection.ordersMaximum + 1
            orders += try await ledger.orders(filter).rows.map(\.id)
        }
        guard !orders.isEmpty else { throw Failure("no order of this customer is known") }
        guard orders.count <= ReplaySelection.ordersMaximum else {
            throw Failure(
                "the customer has more than \(ReplaySelection.ordersMaximum) orders: replay them by destination and time"
            )
        }
        return orders
    }

    // MARK: Looking after them

    private static func list(_ ledger: Ledger) async throws {
        for replay in try await ledger.replays(limit: listed) {
            print(
                replay.id, replay.madeAt.iso8601, replay.state.rawValue, replay.author, replay.name, separator: "\t")
        }
    }

    private static func show(_ ledger: Ledger, _ id: String) async throws {
        let replay = try await ledger.replay(known: id)
        for line in ReplayReport.lines(of: replay) { print(line) }
        for row in try await ledger.leftOut(of: id, limit: ReplayTally.namedMaximum) {
            print(ReplayReport.line(of: row))
        }
    }

    private static func watch(_ base: Base, _ ledger: Ledger, _ id: String) async throws {
        var line = ProgressLine("replay", unit: "deliveries", log: base.log)
        defer { line.end() }
        var idle: Set<String> = []
        while true {
            let replay = try await ledger.replay(known: id)
            guard replay.state == .running else {
                line.end()
                StandardOutput.write(ReplayReport.progress(of: replay))
                if replay.state == .done { return }
                throw Failure("the replay was aborted by \(replay.endedBy ?? "somebody")")
            }
            line.tell(replay.decided, of: max(replay.decided, replay.expected))
            for worker in Set(replay.parts.filter(\.isOpen).map(\.worker)).subtracting(idle).sorted()
            where try await ledger.liveProcesses(of: worker) == 0 {
                idle.insert(worker)
                line.end()
                StandardOutput.write("no process of \(worker) runs: its deliveries wait until one does")
            }
            try await Task.sleep(for: pause)
        }
    }

    private static func set(_ ledger: Ledger, _ invocation: Invocation) async throws {
        let id = invocation.arguments[0]
        let rate = try invocation.number("rate", in: Replay.rates)!
        guard try await ledger.setRate(rate, ofReplay: id, by: invocation.author()) else {
            throw try await ended(id, ledger)
        }
    }

    private static func abort(_ ledger: Ledger, _ invocation: Invocation) async throws {
        let id = invocation.arguments[0]
        guard try await ledger.abortReplay(id, by: invocation.author()) else { throw try await ended(id, ledger) }
        print(ReplayReport.progress(of: try await ledger.replay(known: id)))
    }

    /// Why a replay cannot be changed any more.
    private static func ended(_ id: String, _ ledger: Ledger) async throws -> Failure {
        let replay = try await ledger.replay(known: id)
        return Failure("replay \(id) does not run any more: it is \(replay.state.rawValue)")
    }
}

extension Ledger {
    /// The replay with this id; throws ``Failure`` if it does not exist.
    fileprivate func replay(known id: String) async throws -> Replay {
        guard let replay = try await replay(id) else {
            throw Failure("there is no replay \(id): `orderrelay replay list` shows them")
        }
        return replay
    }
}
