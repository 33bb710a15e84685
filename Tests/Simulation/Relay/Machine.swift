import World

/// A machine that may die, stand still, or be cut off from the ledger. What it does next stands in the event queue under its
/// incarnation.
class Machine {
    let number: Int
    let name: String
    var incarnation = 0
    var isUp = false
    var frozenUntil: TrueTime = 0
    /// Until then nothing comes through between it and the ledger.
    var cutUntil: TrueTime = 0
    /// When it last stood still, and when a question to the ledger last failed or took long: what excuses a repeated effect.
    var lastFrozen: TrueTime = -1
    var lastTrouble: TrueTime = -1

    init(number: Int, name: String) {
        self.number = number
        self.name = name
    }

    /// As traces and leases have it: `p1.2` is process 1 after its second start.
    var title: String { "\(name).\(incarnation)" }
}
