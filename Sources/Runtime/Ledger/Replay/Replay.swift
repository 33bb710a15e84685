public import Orders

/// Deliveries that somebody has asked to be attempted once more.
///
/// It is a row of the ledger: the workers go on with it, step by step, whichever of their processes come and go.
public struct Replay: Sendable, Equatable {
    public enum State: String, Sendable {
        case running, done, aborted
    }

    /// One destination of it.
    public struct Part: Sendable, Equatable {
        public var worker: String
        public var destination: Destination
        /// Whether rows are left that were not looked at.
        public var isOpen: Bool
        /// Rows by what became of them.
        public var fates: [ReplayFate: Int64]
    }

    /// Rows that are attempted once more in a second, of each worker.
    public static let rates = 1...10_000
    public static let usualRate = 100
    /// Of a name, in characters.
    public static let wordsMaximum = 200

    public var id: String
    public var name: String
    /// Who asked for it.
    public var author: String
    /// nil: it was asked for by an operator, for any account.
    public var account: String?
    public var madeAt: Timestamp
    public var selection: ReplaySelection
    /// What it was expected to be when it was made.
    public var tally: ReplayTally
    public var rate: Int
    public var state: State
    public var endedAt: Timestamp?
    /// Who ended it before it was done.
    public var endedBy: String?
    public var parts: [Part] = []

    /// Rows of all parts that came to this.
    public func count(_ fate: ReplayFate) -> Int64 { parts.reduce(0) { $0 + ($1.fates[fate] ?? 0) } }

    /// Rows that were looked at and decided about.
    public var decided: Int64 { ReplayFate.allCases.reduce(0) { $0 + count($1) } }
    /// Rows that there were to decide about when it was made; some may be gone since.
    public var expected: Int64 { Int64(tally.total) }
}

/// A row that a replay has left out.
public struct LeftOutRow: Sendable, Equatable {
    public var order: String
    public var event: String
    public var worker: String
    public var destination: Destination
    public var state: DeliveryState
    public var fate: ReplayFate
}

/// What one step of a replay came to.
public enum ReplayStep: Sendable, Equatable {
    /// No replay of the worker is open.
    case nothing
    /// The next step is due in so many milliseconds.
    case waits(milliseconds: Int64)
    /// Rows were looked at.
    case done(replay: String, destination: Destination, fates: [ReplayFate: Int])
    /// Somebody else made it, or the replay was ended meanwhile.
    case overtaken
}
