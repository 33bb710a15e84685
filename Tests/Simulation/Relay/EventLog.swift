import Crypto
import Events
import Intake
import Ledger
import Orders
import World

/// Kafka's topic: records in order, read as the program's intake reads them; and what was meant by each.
struct EventLog {
    /// What should become of an event at a destination.
    enum Aim { case delivered, declined }

    private(set) var partitions: [[Reading]]
    /// By event id; an id that is not here has no destination.
    private(set) var aims: [String: [Destination: Aim]] = [:]

    init(partitions count: Int) { partitions = Array(repeating: [], count: count) }

    static func source(_ partition: Int) -> LogPartition {
        LogPartition(cluster: "simulated", topic: Event.topic, partition: Int32(partition))
    }

    func end(of partition: Int) -> Int64 { Int64(partitions[partition].count) }

    func readings(of partition: Int, from offset: Int64, maximum: Int) -> [Reading] {
        Array(partitions[partition].dropFirst(Int(offset)).prefix(maximum))
    }

    mutating func append(_ event: Event, to partition: Int, aims: [Destination: Aim]) {
        if !aims.isEmpty, self.aims[event.id] == nil { self.aims[event.id] = aims }
        let envelope = Envelope(
            id: event.id, type: "orderrelay.order.updated", account: event.account, subject: event.order.text,
            time: event.time, digest: event.digest, traceparent: nil, value: [])
        append(to: partition, id: event.id, key: event.order.text, time: event.time, .event(event, envelope))
    }

    mutating func appendPoison(to partition: Int, at time: Timestamp) {
        let place = "simulated/\(Event.topic)/\(partition)/\(end(of: partition))"
        append(to: partition, id: place, key: place, time: time, .unreadable(reason: "poison", isPoison: true))
    }

    private mutating func append(
        to partition: Int, id: String, key: String, time: Timestamp, _ content: Reading.Content
    ) {
        partitions[partition].append(
            Reading(
                offset: end(of: partition), in: Self.source(partition), id: id, key: key, time: time,
                content: content))
    }

    /// The planner's part: event → destinations.
    func plan(_ event: PlannableEvent) -> Plan {
        if event.isConflict {
            return Plan(.planned([PlannedDelivery(destination: .conflict, parked: PlannedDelivery.conflict)]))
        }
        guard let aims = aims[event.event.id] else { return Plan(.skipped(reason: "no destination")) }
        return Plan(
            .planned(
                aims.sorted { $0.key < $1.key }.map { destination, aim in
                    PlannedDelivery(destination: destination, declined: aim == .declined ? "declined" : nil)
                }))
    }
}
