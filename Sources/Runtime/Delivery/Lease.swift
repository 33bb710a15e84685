/// How long a row that this process took is its own, on the process's own clock (DESIGN §6).
///
/// The clock was read before the take was sent, so the lease ends here no later than in the ledger.
struct Lease: Sendable, Equatable {
    /// The ledger's lease.
    static let length = Duration.seconds(30)
    /// What must be left of the lease beyond the attempt's own time-out: the outcome has to be written too.
    static let margin = Duration.seconds(5)

    /// Read before the statement that took, or renewed, the row was sent.
    var since: ContinuousClock.Instant

    /// Whether an attempt that takes at most `timeout` may start now.
    func mayStart(at now: ContinuousClock.Instant, timeout: Duration) -> Bool {
        now <= since + Self.length - Self.margin - timeout
    }
    /// A row that has not been started by then is given back: others may have room for it.
    func startBy(timeout: Duration) -> ContinuousClock.Instant { since + Self.waitMax(timeout: timeout) }
    static func waitMax(timeout: Duration) -> Duration { min(length / 3, length - margin - timeout) }
    var renewAt: ContinuousClock.Instant { since + Self.length / 2 }
    var end: ContinuousClock.Instant { since + Self.length }
}

/// Since when the ledger has answered without a break: only a process that would have seen its own leases prolonged
/// may take away those of others.
struct LedgerConnection: Sendable, Equatable {
    private(set) var unbrokenSince: ContinuousClock.Instant?
    private(set) var lastHeard: ContinuousClock.Instant?
    /// Whether the last question failed.
    private(set) var isBroken = false

    mutating func answered(at now: ContinuousClock.Instant) {
        // Silence breaks it too: a frozen process that thaws must wait again.
        if let lastHeard, now - lastHeard > Lease.length / 2 { unbrokenSince = nil }
        if unbrokenSince == nil { unbrokenSince = now }
        isBroken = false
        lastHeard = now
    }
    mutating func failed() { (unbrokenSince, isBroken) = (nil, true) }

    func mayRescue(at now: ContinuousClock.Instant) -> Bool {
        guard let unbrokenSince, let lastHeard, now - lastHeard <= Lease.length / 2 else { return false }
        return now - unbrokenSince >= Lease.length
    }
}
