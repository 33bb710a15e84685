import Kafka
package import Ledger

/// Why reading of a partition stops: its log is not the one that the ledger knows. A person has to decide.
public struct LostPlace: Error, Sendable, CustomStringConvertible, Equatable {
    /// Which partition, what is wrong, and what can be done about it.
    public let description: String

    /// What to do if log and ledger do not match.
    static let reunion =
        "restore the log or the ledger that matches the other; if the log is lost, give the new cluster an id "
        + "of its own as the article Operations says; then restart the worker"

    /// - Parameters:
    ///   - why: what is wrong.
    ///   - remedy: what can be done now.
    init(_ source: LogPartition, _ why: String, remedy: String) {
        description = "\(source.topic)/\(source.partition): \(why); nothing is read from it. What to do: \(remedy)"
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
                source, "records \(position.next) to \(offsets.lowerBound - 1) were deleted before they were read",
                remedy:
                    "raise retention.ms of the topic, so that no more are deleted; restore the records from a copy "
                    + "of the log, or record them as lost as the article Operations says; then restart the worker")
        }
        guard position.next <= offsets.upperBound else {
            throw LostPlace(
                source,
                "the log ends at \(offsets.upperBound), before the position \(position.next): it was cut, or is another "
                    + "cluster's", remedy: LostPlace.reunion)
        }
        // Nothing noted, or already deleted by the topic's retention, or a gap in the log: nothing to compare with.
        guard let noted = position.lastEvent, let before else { return }
        guard before.isTakenIn(as: noted), position.lastTime == nil || position.lastTime == before.time else {
            throw LostPlace(
                source, "the record before the position \(position.next) is not the one noted there: it is another log",
                remedy: LostPlace.reunion)
        }
    }

    /// Where an owner that is not sure of its position goes on: at the ledger's, unless that is an older ledger's.
    /// - Parameters:
    ///   - known: the position that this process has last seen or written.
    ///   - there: the ledger's position now; nil: it has none.
    package static func resume(
        from known: Position, at there: Position?, of source: LogPartition
    ) throws(LostPlace) -> Position {
        guard let there else {
            throw LostPlace(
                source, "the ledger knows no position any more",
                remedy: "bring back the ledger, then restart the worker; with this one it reads the log from its "
                    + "beginning, and delivers again what was delivered")
        }
        guard there.next >= known.next else {
            throw LostPlace(
                source,
                "the ledger's position went back from \(known.next) to \(there.next): it was restored from an older "
                    + "copy",
                remedy: "bring back the newer ledger, then restart the worker; with this one it reads on from "
                    + "\(there.next), and delivers again what was delivered since")
        }
        return there
    }
}
