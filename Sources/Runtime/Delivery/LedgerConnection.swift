import Ledger

/// Since when the ledger has answered without a break: only a process that would have seen its own leases prolonged
/// may take away those of others.
package struct LedgerConnection: Sendable, Equatable {
    private(set) var unbrokenSince: ContinuousClock.Instant?
    private(set) var lastHeard: ContinuousClock.Instant?
    /// Whether the latest call failed.
    private(set) var isBroken = false

    package init() {}

    package mutating func answered(at now: ContinuousClock.Instant) {
        // Silence breaks it too: a frozen process that thaws must wait again.
        if let lastHeard, now - lastHeard > LedgerConnection.silenceMaximum { unbrokenSince = nil }
        if unbrokenSince == nil { unbrokenSince = now }
        isBroken = false
        lastHeard = now
    }
    package mutating func failed() { (unbrokenSince, isBroken) = (nil, true) }

    package func mayRescue(at now: ContinuousClock.Instant) -> Bool {
        guard let unbrokenSince, let lastHeard, now - lastHeard <= LedgerConnection.silenceMaximum else { return false }
        return now - unbrokenSince >= LeasedDelivery.leaseLength
    }

    private static let silenceMaximum = LeasedDelivery.leaseLength / 2
}
