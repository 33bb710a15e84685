package import Ledger

/// How long a row taken by this process belongs to it, on the process's own clock (DESIGN §6).
///
/// The clock was read before the take was sent, so the lease ends here no later than in the ledger.
package struct Lease: Sendable, Equatable {
    private static let length = LeasedDelivery.leaseLength
    /// How often leases are checked if nothing requires it sooner.
    static let checkEvery = length / 4
    /// The rows whose lease is half over by the next look are renewed at this one.
    private static let lookAhead = Duration.seconds(1)
    /// What must be left of the lease beyond the attempt's own time-out: the outcome has to be written too.
    static let margin = Duration.seconds(5)

    /// Read before the statement that took, or renewed, the row was sent.
    package var since: ContinuousClock.Instant

    package init(since: ContinuousClock.Instant) { self.since = since }

    /// Whether an attempt that takes at most `timeout` may start now.
    package func mayStart(at now: ContinuousClock.Instant, timeout: Duration) -> Bool {
        now <= since + Self.length - Self.margin - timeout
    }
    /// A row that has not been started by then is given back: other processes may have room for it.
    func startBy(timeout: Duration) -> ContinuousClock.Instant { since + Self.waitMaximum(timeout: timeout) }
    static func waitMaximum(timeout: Duration) -> Duration { min(length / 3, length - margin - timeout) }
    var renewAt: ContinuousClock.Instant { since + Self.length / 2 }
    var end: ContinuousClock.Instant { since + Self.length }

    /// Those of the rows that a process holds whose leases are to be prolonged now.
    package static func renewals(of held: [Lane.Held], at now: ContinuousClock.Instant) -> [LeasedDelivery] {
        held.filter { $0.lease.renewAt <= now + lookAhead }.map(\.row)
    }

    /// How long until leases are to be looked at again. A row that is leased from here on need not be renewed before half of
    /// its lease is over.
    package static func nextLook(at held: [Lane.Held], now: ContinuousClock.Instant) -> Duration {
        let next = held.map(\.lease.renewAt).min().map { $0 - now } ?? checkEvery
        return max(lookAhead, min(next, checkEvery))
    }
}
