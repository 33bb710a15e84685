public import Kafka
public import Events
public import Ledger
public import Orders

/// A record as the intake understands it: an event, or why it is not one.
public struct Reading: Sendable {
    /// What a record turned out to be.
    public enum Content: Sendable {
        /// The event, and its envelope with the record's own value, which the ledger keeps.
        case event(Event, Envelope)
        /// Not an event that this program can use. `isPoison`: no program ever can, so it goes to `dead-letters`.
        case unreadable(reason: String, isPoison: Bool)
    }
    public var offset: Int64
    /// The event's id; for a record without a readable one `<cluster>/<topic>/<partition>/<offset>`.
    public var id: String
    /// The order's id if it is known, else the same as `id`.
    public var key: String
    /// The event's time; without a readable event the record's timestamp.
    public var time: Timestamp
    public var content: Content
    private let source: LogPartition
    private var place: String { Self.place(in: source, at: offset) }

    /// `<cluster>/<topic>/<partition>/<offset>`: no other record's. Few records need it, so that none keeps it.
    private static func place(in source: LogPartition, at offset: Int64) -> String {
        "\(source.cluster)/\(source.topic)/\(source.partition)/\(offset)"
    }

    package init(
        offset: Int64, in source: LogPartition, id: String, key: String, time: Timestamp, content: Content
    ) {
        self.offset = offset
        self.source = source
        self.id = id
        self.key = key
        self.time = time
        self.content = content
    }

    /// Whether this is the record that was taken in under `id`: its event's own; the conflict's, if another event had that
    /// first; or its place in the log, if the ledger refused what it holds.
    func isTakenIn(as id: String) -> Bool {
        if id == self.id || id == place { return true }
        guard case .event(let event, _) = content else { return false }
        return id == Envelope.conflictID(of: event.id, digest: event.digest)
    }

    /// Never fails: what cannot be read says so.
    public init(_ record: Record, in source: LogPartition) {
        offset = record.offset
        self.source = source
        let orderID = record.key.flatMap { String(validating: $0, as: UTF8.self) }.flatMap { OrderID($0) }
        // Whoever writes the record sets it.
        time = Timestamp(milliseconds: max(0, record.timestamp ?? 0))
        do throws(EventError) {
            let value = record.value ?? []
            let event = try Event(headers: record.headers.map { ($0.name, $0.value) }, value: value)
            let envelope = event.envelope(of: value)
            id = event.id
            key = envelope.subject
            time = event.time
            content = .event(event, envelope)
        } catch {
            let place = Self.place(in: source, at: record.offset)
            switch error {
            case .poison:
                id = place
                content = .unreadable(reason: IntakeEntry.poison, isPoison: true)
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

extension Reading {
    /// The id that a record is taken in under, from its headers alone: of a record without a readable one its place.
    public static func id(of record: Record, in source: LogPartition) -> String {
        do throws(EventError) {
            return try WireAttributes(record.headers.map { ($0.name, $0.value) }).id
        } catch {
            if case .malformed(let id, _) = error { return id }
            return place(in: source, at: record.offset)
        }
    }

    /// Every id that a record may have been taken in under.
    public static func ids(of record: Record, in source: LogPartition) -> [String] {
        [id(of: record, in: source), place(in: source, at: record.offset)]
    }

    private static let reasonCountMaximum = 200

    /// The same record as one that nobody can use, under the id that no other record has: whatever it holds, what is noted
    /// of it can be stored. It stays on the timeline of its order.
    func refused(_ why: String) -> Reading {
        var refused = self
        refused.id = place
        if case .event = content {} else { refused.key = place }
        refused.content = .unreadable(
            reason: "\(IntakeEntry.poison): \(String(why.prefix(Self.reasonCountMaximum)))", isPoison: true)
        return refused
    }
}
