import Kafka
import Ledger

/// Why a partition is not read on: its log is not the one that the ledger knows. A person has to decide.
public struct LostPlace: Error, Sendable, CustomStringConvertible, Equatable {
    public let description: String
}

/// At assignment: is this the log that the position was taken in (DESIGN §6, "Topics' lives")?
enum PositionCheck {
    /// - Parameters:
    ///   - offsets: the log's first and next offset.
    ///   - before: the record at `position.next - 1`; nil where there is none.
    static func check(
        _ position: Position, of source: LogPartition, offsets: Range<Int64>, before: Reading?
    ) throws(LostPlace) {
        let place = "\(source.topic)/\(source.partition)"
        let remedy = "nothing is read from it until someone decides; 'orderrelay reintake' tells more"
        guard position.next >= offsets.lowerBound else {
            throw LostPlace(
                description: "\(place): records \(position.next) to \(offsets.lowerBound - 1) were deleted before they "
                    + "were read; \(remedy)")
        }
        guard position.next <= offsets.upperBound else {
            throw LostPlace(
                description:
                    "\(place): the log ends at \(offsets.upperBound), before the position \(position.next): it "
                    + "was cut, or is another cluster's; \(remedy)")
        }
        // Nothing noted, or already deleted by the topic's retention, or a gap of the log: nothing to compare with.
        guard let noted = position.lastEvent, let before else { return }
        guard before.id == noted, position.lastTime == nil || position.lastTime == before.time else {
            throw LostPlace(
                description: "\(place): the record before the position \(position.next) is not the one noted there: it "
                    + "is another log; \(remedy)")
        }
    }
}
