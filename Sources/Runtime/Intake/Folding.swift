public import Crypto
import Events

/// Separates the new events of a batch from those that the worker knows, by event id and digest (DESIGN §3).
///
/// Pure: what is known comes in, and each reading gets its fate, in offset order.
public struct Folding: Sendable {
    /// How a reading is treated.
    public enum Fate: Sendable, Equatable {
        /// To be planned.
        case new
        /// Known with another digest: an event of its own under this id, to be planned as a conflict.
        case conflict(id: String)
        case folded
        case skipped(reason: String)
    }

    /// Known event ids with their digests; nil for a record that was unreadable.
    private var known: [String: Digest?]

    public init(known: [String: Digest?]) { self.known = known }

    /// The ids that conflicts of these readings would have: they must be looked up, too, before folding.
    public func conflictIDs(of readings: [Reading]) -> [String] {
        var first = known
        return readings.compactMap { reading in
            guard case .event(_, let event) = reading.content else { return nil }
            let conflictID = Envelope.conflictID(of: event.id, digest: event.digest)
            guard let there = first[event.id] else {
                first[event.id] = .some(event.digest)
                // Somebody may have given an event the id that a conflict of this batch gets: then it is one, too.
                return event.id.utf8.contains(UInt8(ascii: "~")) ? conflictID : nil
            }
            return there == nil || there == event.digest ? nil : conflictID
        }
    }

    /// Adds what the ledger has for ``conflictIDs(of:)``.
    public mutating func learn(_ more: [String: Digest?]) { known.merge(more) { _, new in new } }

    /// The fate of the next reading; its own id is known from then on.
    public mutating func fate(of reading: Reading) -> Fate {
        switch reading.content {
        case .unreadable(let reason, _):
            if known[reading.id] != nil { return .folded }
            known[reading.id] = .some(nil)
            return .skipped(reason: reason)
        case .event(_, let event):
            guard let there = known[event.id] else {
                known[event.id] = .some(event.digest)
                return .new
            }
            // What was skipped as unreadable stays skipped: its record was accounted for then.
            if there == nil || there == event.digest { return .folded }
            let id = Envelope.conflictID(of: event.id, digest: event.digest)
            if known[id] != nil { return .folded }
            known[id] = .some(event.digest)
            return .conflict(id: id)
        }
    }
}
