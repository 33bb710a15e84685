public import Kafka
public import Ledger
public import Orders

/// A record as the intake understands it: an event, or why it is none.
public struct Reading: Sendable {
    /// What a record turned out to be.
    public enum Content: Sendable {
        case event(Event)
        /// Not one that this program can use. `isPoison`: nobody ever can, so it goes to `dead-letters`.
        case unreadable(reason: String, isPoison: Bool)
    }
    public var offset: Int64
    /// The event's id; for a record without a readable one `<cluster>/<topic>/<partition>/<offset>`.
    public var id: String
    /// The order's id where it is known, else as `id`.
    public var key: String
    public var time: Timestamp
    public var content: Content

    /// Never fails: what cannot be read says so.
    public init(_ record: Record, in source: LogPartition) {
        offset = record.offset
        let place = "\(source.cluster)/\(source.topic)/\(source.partition)/\(record.offset)"
        let orderID = record.key.flatMap { String(validating: $0, as: UTF8.self) }.flatMap { OrderID($0) }
        time = Timestamp(milliseconds: record.timestamp ?? 0)
        do throws(EventError) {
            let event = try Event(headers: record.headers.map { ($0.name, $0.value) }, value: record.value ?? [])
            id = event.id
            key = event.order.text
            time = event.time
            content = .event(event)
        } catch {
            switch error {
            case .poison:
                id = place
                content = .unreadable(reason: "poison", isPoison: true)
            case .malformed(let eventID, _):
                id = eventID
                content = .unreadable(reason: "malformed", isPoison: true)
            case .unknownType(let eventID, let type):
                id = eventID
                content = .unreadable(reason: "unknown type \(type.prefix(64))", isPoison: false)
            case .newerSchema(let eventID, let schema):
                id = eventID
                content = .unreadable(reason: "newer schema \(schema)", isPoison: false)
            }
            if case .poison = error { key = place } else { key = orderID?.text ?? id }
        }
    }
}
