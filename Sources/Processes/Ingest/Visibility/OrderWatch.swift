import Ledger
import Orders
import Synchronization

/// Holds requests until the ledger shows their orders (`Prefer: wait`).
///
/// A request that waits is a continuation and an entry in a list, no thread and no database connection: one task
/// queries the ledger for all of them together, and only while somebody waits. Any process may write the ledger, so
/// there is no event to wait for.
final class OrderWatch: Sendable {
    /// The pause between two queries of the ledger.
    static let interval: Duration = .milliseconds(50)
    static let requestsMaximum = 1000

    private let state: Mutex<AwaitedOrders<CheckedContinuation<Bool, Never>>>
    private let look: @Sendable (Set<WantedOrder>) async -> Set<WantedOrder>

    /// - Parameters:
    ///   - maximum: the most requests that may wait at a time.
    ///   - look: which of these the ledger shows; empty if it does not answer.
    init(
        maximum: Int = requestsMaximum, look: @escaping @Sendable (Set<WantedOrder>) async -> Set<WantedOrder>
    ) {
        state = Mutex(AwaitedOrders(maximum: maximum))
        self.look = look
    }

    convenience init(_ ledger: Ledger, maximum: Int = requestsMaximum) {
        self.init(maximum: maximum) { await ledger.shown(of: $0) }
    }

    /// How many requests wait.
    var count: Int { state.withLock { $0.count } }

    /// Returns once the ledger shows the order, or at `until`: true if it was waited for; false if the most allowed
    /// wait already, and the request must be answered at once.
    func wait(for wanted: WantedOrder, until: ContinuousClock.Instant) async -> Bool {
        await withCheckedContinuation { continuation in
            switch state.withLock({ $0.wait(for: wanted, until: until, continuation) }) {
            case .full: continuation.resume(returning: false)
            case .waits(let startsLooking): if startsLooking { Task { await self.run() } }
            }
        }
    }

    /// Ends all waiting, now and later.
    func close() { for waiter in state.withLock({ $0.close() }) { waiter.resume(returning: true) } }

    private func run() async {
        while true {
            let turn = state.withLock { $0.turn(now: .now) }
            for waiter in turn.expired { waiter.resume(returning: true) }
            guard let nextEnd = turn.nextEnd else { return }
            let shown = await look(turn.wanted)
            for waiter in state.withLock({ $0.seen(shown) }) { waiter.resume(returning: true) }
            try? await Task.sleep(until: min(.now + Self.interval, nextEnd), clock: .continuous)
        }
    }
}

extension Ledger {
    /// Which of these the ledger shows.
    fileprivate func shown(of wanted: Set<WantedOrder>) async -> Set<WantedOrder> {
        var shown: Set<WantedOrder> = []
        for part in [WantedOrder.Part.order, .timeline] {
            let some = wanted.filter { $0.part == part }
            if some.isEmpty { continue }
            let ids = some.map(\.id)
            let accounts = try? await part == .order ? accounts(ofOrders: ids) : accounts(ofTimelines: ids)
            shown.formUnion(some.filter { accounts?[$0.id] == $0.account })
        }
        return shown
    }
}
