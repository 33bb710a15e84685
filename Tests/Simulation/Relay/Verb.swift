import Ledger
import World

/// What a transaction must hold before it looks at anything; all are held until it ends.
struct Lock: Hashable {
    enum Name: Hashable {
        /// The row of a partition's position: the fence.
        case position(Int)
        /// The advisory lock of a destination: takes and intakes share it, a replay has it alone.
        case destination(Destination)
        /// Rows and events that may be removed: replays share it, a prune has it alone.
        case retention
    }
    var name: Name
    var isShared: Bool

    static func shared(_ name: Name) -> Lock { Lock(name: name, isShared: true) }
    static func alone(_ name: Name) -> Lock { Lock(name: name, isShared: false) }
}

/// A transaction of the ledger: it takes its locks, looks at what is committed then, and commits later. What others commit
/// between the two it does not see, as under READ COMMITTED within one statement.
struct Verb<Answer> {
    /// What it has decided on what it saw.
    struct Decision {
        /// Rows that are locked until the end.
        var locked: [Int64] = []
        var commit: (inout MemoryLedger, TrueTime) -> Answer
    }

    var name: String
    var locks: [Lock] = []
    /// Whether others may come between its look and its commit.
    var takesTime = false
    var look: (inout MemoryLedger, TrueTime) throws(LedgerError) -> Decision

    /// One that others see whole or not at all.
    static func atOnce(_ name: String, _ body: @escaping (inout MemoryLedger, TrueTime) -> Answer) -> Verb {
        Verb(name: name) { _, _ throws(LedgerError) in Decision(commit: body) }
    }
}
