/// How old the ledger is that answers: its beat beside the highest that a worker has seen of it. Pure.
///
/// The beat moves on every five seconds while any worker runs. A standby that takes over may lack the last commits, and so
/// the last beats; a ledger that was restored from a backup lacks more.
public struct LedgerAge: Sendable, Equatable {
    /// What a failover may lose: ten seconds.
    package static let lostMaximum: Int64 = 2

    /// As it was asked for last; nil: not yet.
    public private(set) var latest: Int64?
    /// Of all that were seen, in the ledger or beside positions on Kafka.
    private var highest: Int64 = 0

    package init() {}

    /// The ledger's beat.
    package mutating func saw(_ beat: Int64) {
        latest = beat
        highest = max(highest, beat)
    }

    /// A beat that stands beside a position on Kafka: the ledger had come so far.
    package mutating func heard(_ beat: Int64) { highest = max(highest, beat) }

    /// How many beats the ledger lacks; 0 while it was not asked.
    package var lack: Int64 { latest.map { highest - $0 } ?? 0 }

    /// Whether it lacks more than a failover loses: what was done since is not in its books.
    package var isRestored: Bool { lack > Self.lostMaximum }

    /// Why nothing may be read or delivered with it, and what to do.
    public var restored: String {
        "the ledger is an older copy: its beat is \(latest ?? 0), and workers have seen \(highest). What to do: bring back "
            + "the newer one; or, if this one is to be kept, stop all workers, run `orderrelay reintake`, and start them"
    }
}
