import Events
package import Ledger
import Orders

/// Consecutive records of a partition with what becomes of each: from there to the entries that are written. Pure.
package struct FoldedBatch {
    let readings: [Reading]
    let fates: [Folding.Fate]

    /// - Parameter fates: of each reading.
    package init(_ readings: [Reading], _ fates: [Folding.Fate]) {
        self.readings = readings
        self.fates = fates
    }

    /// What is to be planned: new events and conflicts, in order.
    package func events(of source: LogPartition) -> [PlannableEvent] {
        zip(readings, fates).compactMap { reading, fate in
            guard case .event(let event, let envelope) = reading.content else { return nil }
            var new = PlannableEvent(
                event: event, value: envelope.value, source: source, offset: reading.offset, isConflict: false)
            switch fate {
            case .new: return new
            case .conflict(let id):
                new.event.id = id
                new.isConflict = true
                return new
            case .folded, .skipped: return nil
            }
        }
    }

    /// - Parameter plans: of ``events(of:)``.
    package func entries(_ plans: [Plan]) -> [IntakeEntry] {
        var plans = plans[...]
        return zip(readings, fates).map { reading, fate in
            var entry = IntakeEntry(
                offset: reading.offset, event: nil, id: reading.id, key: reading.key, time: reading.time,
                disposition: .folded)
            if case .event(_, let envelope) = reading.content { entry.event = envelope }
            switch fate {
            case .folded: break
            case .skipped(let reason): entry.disposition = .skipped(reason: reason)
            case .new: entry.disposition = plans.removeFirst().disposition
            case .conflict(let id):
                entry.id = id
                entry.event?.id = id
                entry.disposition = plans.removeFirst().disposition
            }
            return entry
        }
    }

    /// How many rows of each destination are to be attempted.
    package static func planned(_ entries: [IntakeEntry]) -> [Destination: Int] {
        var planned: [Destination: Int] = [:]
        for case .planned(let deliveries) in entries.map(\.disposition) {
            for delivery in deliveries
            where delivery.declined == nil && delivery.parked == nil && !delivery.isInDoubt {
                planned[delivery.destination, default: 0] += 1
            }
        }
        return planned
    }
}
