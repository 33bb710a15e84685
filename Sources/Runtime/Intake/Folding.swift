public import Crypto
import Orders

/// Tells the events of a batch that are new from those that the worker knows, by event id and digest (DESIGN §3).
///
/// Pure: what is known comes in, and each reading gets its fate, in offset order.
public struct Folding: Sendable {
    /// What becomes of a reading.
    public enum Fate: Sendable, Equatable {
        /// To be planned.
        case new
        /// Known with another digest: an event of its own under this id, to be planned as a conflict.
        case conflict(id: String)
        case folded
        case skipped(reason: String)
    }

    /// Known event ids with their digests; nil where what lies there was unreadable.
    private var known: [String: Digest?]

    public init(known: [String: Digest?]) { self.known = known }

    /// The ids under which conflicts of these readings would lie: they must be asked for too before folding.
    public func conflictIDs(of readings: [Reading]) -> [String] {
        var first = known
        return readings.compactMap { reading in
            guard case .event(let event) = reading.content else { return nil }
            guard let there = first[event.id] else {
                first[event.id] = .some(event.digest)
                return nil
            }
            return there == nil || there == event.digest ? nil : Event.conflictID(of: event.id, digest: event.digest)
        }
    }

    /// Adds what the ledger said of ``conflictIDs(of:)``.
    public mutating func learn(_ more: [String: Digest?]) { known.merge(more) { _, new in new } }

    /// The fate of the next reading; its own id is known from then on.
    public mutating func fate(of reading: Reading) -> Fate {
        switch reading.content {
        case .unreadable(let reason, _):
            if known[reading.id] != nil { return .folded }
            known[reading.id] = .some(nil)
            return .skipped(reason: reason)
        case .event(let event):
            guard let there = known[event.id] else {
                known[event.id] = .some(event.digest)
                return .new
            }
            // What was skipped as unreadable stays so: its record was accounted for then.
            if there == nil || there == event.digest { return .folded }
            let id = Event.conflictID(of: event.id, digest: event.digest)
            if known[id] != nil { return .folded }
            known[id] = .some(event.digest)
            return .conflict(id: id)
        }
    }
}
