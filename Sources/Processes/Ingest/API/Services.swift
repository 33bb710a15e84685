import Ledger
import Orders

/// What the calls use.
struct Services: Sendable {
    var acceptance: Acceptance
    /// For reading, and for replays.
    var ledger: Ledger
    var watch: OrderWatch
    var unread: UnreadOrders
    var gate: any PermitGate
    var now: @Sendable () -> Timestamp
    /// Gives as many unpredictable bytes as it is asked for.
    var random: @Sendable (Int) -> [UInt8]
}
