package import Ledger

/// One destination in this process: what is leased to it, what is being attempted, and what is known to be due.
///
/// Its events stand in `Lane+StateMachine.swift`; each is followed by ``advance(at:)``, which says what to do.
package struct Lane: Sendable {
    /// What bounds the lane: its adapter's figures.
    package struct Limits: Sendable, Equatable {
        var concurrency: Int
        var timeout: Duration
        var perSecond: Int?

        package init(concurrency: Int, timeout: Duration, perSecond: Int?) {
            self.concurrency = concurrency
            self.timeout = timeout
            self.perSecond = perSecond
        }
    }

    /// A row that this process has leased.
    package struct Held: Sendable, Equatable {
        package var row: LeasedDelivery
        package var lease: Lease
        /// The breaker's, while it is attempted.
        var generation = 0
    }

    enum Phase: Sendable, Equatable {
        case open
        /// There is no adapter now: rows stay pending.
        case switchedOff
        /// The process is stopping: nothing new begins.
        case stopping
    }

    enum Action: Sendable, Equatable {
        case attempt(Held)
        case giveBack([LeasedDelivery])
        /// Lease at most so many due rows; followed by `took` or `takeFailed`.
        case take(limit: Int)
        /// Ask ``Lane/advance(at:)`` again then.
        case wake(ContinuousClock.Instant)
    }

    /// Rows leased beyond what can be attempted at once, so that a take pays for many.
    static let aheadMaximum = 256

    var phase = Phase.open
    var limits: Limits
    package var breaker = Breaker()
    package var budget: RateBudget
    /// Leased, not started; oldest first.
    var waiting: [Held] = []
    /// By row id.
    var attempting: [Int64: Held] = [:]
    /// Ended or given back, and not yet written; by row id. Their leases are renewed, too: a write may take long, and a row that
    /// another process took meanwhile would be attempted once more.
    var settling: [Int64: Held] = [:]
    /// Room promised to intake transactions under way.
    var reserved = 0
    var isTaking = false
    /// When rows are known to be due.
    var due = DueTimes()
    /// Whether rows may be pending that an earlier row of their key holds back: they are due when that one closes.
    package var hasHeldBack = false
    /// Mean duration of an attempt lately.
    var mean = Duration.seconds(1)

    init(limits: Limits, processes: Int = 1) {
        self.limits = limits
        budget = RateBudget(perSecond: limits.perSecond, processes: processes)
    }

    /// Whether the row is here, in whatever state.
    package func has(_ id: Int64) -> Bool {
        attempting[id] != nil || settling[id] != nil || waiting.contains { $0.row.id == id }
    }

    package var held: Int { waiting.count + attempting.count + settling.count }

    /// Nothing is known of it that could not be learnt again.
    package var isIdle: Bool { held == 0 && reserved == 0 && !isTaking && due.isEmpty && breaker == Breaker() }

    /// How many rows may be leased in all: those attempted at once, and as many as these will surely have started
    /// within half of the time that a leased row may wait.
    var target: Int {
        let horizon = max(.zero, Lease.waitMaximum(timeout: limits.timeout))
        let perSlot = Int(horizon / 2 / max(mean, .milliseconds(1)))
        let ahead = min(Self.aheadMaximum, min(perSlot, Self.aheadMaximum) * limits.concurrency)
        return min(limits.concurrency + ahead, budget.share(of: horizon / 2))
    }

    /// How many more rows may be leased now.
    var room: Int {
        let used = waiting.count + attempting.count + reserved
        let open = min(target - used, target + Self.aheadMaximum - used - settling.count)
        return max(0, breaker.isClosed ? open : min(open, breaker.admits - waiting.count - reserved))
    }
}
