import Kafka
package import Ledger

/// Why reading of a partition stops: its log is not the one that the ledger knows. A person has to decide.
public struct LostPlace: Error, Sendable, CustomStringConvertible, Equatable {
    /// Which partition, what is wrong, and what can be done about it.
    public let description: String

    /// The offset of the next record that the ledger has the worker want; -1: it knows no position.
    let position: Int64

    /// What to do if log and ledger do not match.
    static let reunion =
        "restore the log or the ledger that matches the other; if the log is lost, give the new cluster an id "
        + "of its own as the article Operations says; then restart the worker"

    /// - Parameters:
    ///   - position: the ledger's.
    ///   - why: what is wrong.
    ///   - remedy: what can be done now.
    init(_ source: LogPartition, at position: Int64, _ why: String, remedy: String) {
        self.position = position
        description = "\(source.topic)/\(source.partition): \(why); nothing is read from it. What to do: \(remedy)"
    }

    init(_ source: LogPartition, at position: Int64, olderLedger age: LedgerAge) {
        self.position = position
        description = "\(source.topic)/\(source.partition): nothing is read from it: \(age.restored)"
    }
}

/// Whether a partition may be read from a position on (DESIGN §6, "Topics' lives").
package enum PositionCheck {
    /// At assignment: is this the log that the position was taken in?
    /// - Parameters:
    ///   - offsets: the log's first and next offset.
    ///   - before: the record at `position.next - 1`; nil if the log no longer has it.
    package static func check(
        _ position: Position, of source: LogPartition, offsets: Range<Int64>, before: Reading?
    ) throws(LostPlace) {
        guard position.next >= offsets.lowerBound else {
            throw LostPlace(
                source, at: position.next,
                "records \(position.next) to \(offsets.lowerBound - 1) were deleted before they were read",
                remedy:
                    "raise retention.ms of the topic, so that no more are deleted; then restore the records from a copy "
                    + "of the log and restart the worker, or give them up: `orderrelay reintake --accept-loss` books "
                    + "them as lost, and the worker goes on by itself")
        }
        guard position.next <= offsets.upperBound else {
            throw LostPlace(
                source, at: position.next,
                "the log ends at \(offsets.upperBound), before the position \(position.next): it was cut, or is another "
                    + "cluster's", remedy: LostPlace.reunion)
        }
        // Nothing noted, or already deleted by the topic's retention, or a gap in the log: nothing to compare with.
        guard let noted = position.lastEvent, let before else { return }
        guard before.isTakenIn(as: noted), position.lastTime == nil || position.lastTime == before.time else {
            throw LostPlace(
                source, at: position.next,
                "the record before the position \(position.next) is not the one noted there: it is another log",
                remedy: LostPlace.reunion)
        }
    }

    /// Where an owner that is not sure of its position goes on: at the ledger's.
    ///
    /// - Parameters:
    ///   - known: the position that this process has last seen or written.
    ///   - there: the ledger's position now; nil: it has none.
    ///   - age: of the ledger, asked for after the position.
    /// - Returns: nil where the ledger is behind by what a failover may have lost: the records since are read again from the
    ///   ledger's position.
    package static func resume(
        from known: Position, at there: Position?, of source: LogPartition, age: LedgerAge
    ) throws(LostPlace) -> Position? {
        guard let there else {
            throw LostPlace(
                source, at: -1, "the ledger knows no position any more",
                remedy: "bring back the ledger, then restart the worker; with this one it reads the log from its "
                    + "beginning, and delivers again what was delivered")
        }
        if there.next >= known.next { return there }
        guard age.isRestored else { return nil }
        throw LostPlace(
            source, at: there.next,
            "the ledger's position went back from \(known.next) to \(there.next), and its beat by \(age.lack): it was "
                + "restored from an older copy",
            remedy:
                "bring back the newer ledger and restart the worker; or, if this one is to be kept, stop all workers, "
                + "run `orderrelay reintake`, and start them")
    }
}

/// The ledger lacks what this process has taken in last. The partition is read again from the ledger's position.
struct WentBack: Error, CustomStringConvertible {
    let source: LogPartition
    /// The position that this process had seen, and the ledger's.
    let known, there: Int64

    var description: String {
        "\(source.topic)/\(source.partition): the ledger's position went back from \(known) to \(there)"
    }
}
