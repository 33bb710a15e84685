import Orders

/// The requests that wait until the ledger shows their orders. It only decides: a driver reads the ledger and resumes
/// the named waiters.
struct AwaitedOrders<Waiter> {
    private struct Entry {
        var wanted: WantedOrder
        var until: ContinuousClock.Instant
        var waiter: Waiter
    }

    /// What happens to a request that wants to wait.
    enum Admittance: Equatable {
        /// The most allowed wait already.
        case full
        /// It waits. `startsLooking`: it is the first, so looking must begin.
        case waits(startsLooking: Bool)
    }

    /// What to do next.
    struct Turn {
        /// Those that have waited long enough.
        var expired: [Waiter]
        /// What the rest waits for; if empty, looking ends.
        var wanted: Set<WantedOrder>
        /// When the first of the rest has waited long enough.
        var nextEnd: ContinuousClock.Instant?
    }

    private let maximum: Int
    private var entries: [Entry] = []
    private var isLooking = false
    private var isClosed = false

    /// - Parameter maximum: the most that may wait at a time.
    init(maximum: Int) { self.maximum = maximum }

    var count: Int { entries.count }

    mutating func wait(
        for wanted: WantedOrder, until: ContinuousClock.Instant, _ waiter: @autoclosure () -> Waiter
    ) -> Admittance {
        guard entries.count < maximum, !isClosed else { return .full }
        entries.append(Entry(wanted: wanted, until: until, waiter: waiter()))
        defer { isLooking = true }
        return .waits(startsLooking: !isLooking)
    }

    mutating func turn(now: ContinuousClock.Instant) -> Turn {
        let expired = remove { $0.until <= now }
        isLooking = !entries.isEmpty
        return Turn(
            expired: expired, wanted: Set(entries.map(\.wanted)), nextEnd: entries.lazy.map(\.until).min())
    }

    /// The ledger shows these: returns those who waited for them.
    mutating func seen(_ shown: Set<WantedOrder>) -> [Waiter] { remove { shown.contains($0.wanted) } }

    /// Ends all waiting, now and later; returns those who waited.
    mutating func close() -> [Waiter] {
        isClosed = true
        return remove { _ in true }
    }

    private mutating func remove(_ isGone: (Entry) -> Bool) -> [Waiter] {
        let gone = entries.filter(isGone)
        if !gone.isEmpty { entries.removeAll(where: isGone) }
        return gone.map(\.waiter)
    }
}

/// What a request waits for: that the ledger shows an account's order, or anything of its timeline.
struct WantedOrder: Sendable, Hashable {
    enum Part: Sendable, Hashable { case order, timeline }
    var id: OrderID
    var account: String
    var part: Part
}
