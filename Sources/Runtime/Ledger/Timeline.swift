import Database
import Orders

/// Puts an order's timeline together from rows of all workers. Pure: rows go in, entries come out.
struct Timeline {
    private(set) var entries: [TimelineEntry] = []
    private var acceptedEvents: Set<String> = []
    /// Every worker meets a conflict; it is shown once.
    private var conflictingEvents: Set<String> = []
    /// The deliveries by id, for their attempts.
    private var lanes: [Int64: (worker: String, destination: Destination, event: String)] = [:]
    private var attempts: [Int64: Int] = [:]

    // MARK: Events

    /// An event's row of one worker: `accepted` once, and what this worker made of it.
    ///
    /// - Parameter currency: the order's, which names its bucket; nil: `-`.
    mutating func addEvent(_ row: Row, currency: String?) throws(LedgerError) {
        var reader = RowReader(row, "an event")
        let worker = try reader.text()
        let id = try reader.text()
        _ = try reader.textOrNull()
        let place = try Self.place(&reader)
        let type = try reader.textOrNull()
        let happenedAt = Timestamp(milliseconds: try reader.integer())
        let takenAt = Timestamp(milliseconds: try reader.integer())
        let disposition = try reader.text()
        let reason = try reader.textOrNull()
        // What one worker cannot store stands under an id of its record's: its event is accepted under its own.
        if reason?.hasPrefix(IntakeEntry.poison) != true, acceptedEvents.insert(id).inserted {
            var detail = place
            detail["event"] = id
            detail["type"] = type
            detail["warnings"] = row.last?.blob.flatMap(Self.warnings)
            entries.append(TimelineEntry(at: happenedAt, kind: .accepted, detail: detail))
        }
        var entry = TimelineEntry(at: takenAt, kind: .planned, worker: worker, detail: ["event": id])
        if reason == PlannedDelivery.conflict {
            guard conflictingEvents.insert(id).inserted else { return }
            entry.kind = .conflict
        } else if disposition == "skipped" {
            entry.kind = .skipped
            entry.detail["reason"] = reason
        } else if worker == ReadModel.worker {
            entry.kind = .counted
            entry.detail["bucket"] = Self.bucket(minute: happenedAt, currency: currency)
        }
        entries.append(entry)
    }

    /// What the caller was told of the event; nil where nothing was.
    private static func warnings(_ value: [UInt8]) -> String? {
        let told = EventValue.warnings(in: value).map { "\($0.pointer) \($0.code): \($0.message)" }
        return told.isEmpty ? nil : told.joined(separator: "; ")
    }

    /// A record that a worker folded, since it knew the event.
    mutating func addFold(_ row: Row) throws(LedgerError) {
        var reader = RowReader(row, "a folded record")
        let worker = try reader.text()
        let id = try reader.text()
        var detail = try Self.place(&reader)
        detail["event"] = id
        let at = Timestamp(milliseconds: try reader.integer())
        entries.append(TimelineEntry(at: at, kind: .folded, worker: worker, detail: detail))
    }

    private static func place(_ reader: inout RowReader) throws(LedgerError) -> [String: String] {
        [
            "topic": try reader.text(), "partition": String(try reader.integer()),
            "offset": String(try reader.integer()),
        ]
    }

    /// `2026-05-01T12:30Z UAH`
    static func bucket(minute time: Timestamp, currency: String?) -> String {
        "\(time.iso8601.prefix(16))Z \(currency ?? "-")"
    }

    // MARK: Deliveries

    mutating func addDelivery(_ row: Row) throws(LedgerError) {
        var reader = RowReader(row, "a delivery")
        let id = try reader.integer()
        let worker = try reader.text()
        let destination = try reader.destination()
        let event = try reader.text()
        lanes[id] = (worker, destination, event)
        let state = try reader.state()
        let attempt = Int(try reader.integer())
        _ = try reader.integer()
        let changedAt = Timestamp(milliseconds: try reader.integer())
        let reason = try reader.textOrNull()
        let receipt = try reader.textOrNull()
        guard let kind = TimelineEntry.Kind(state), destination != .conflict else { return }
        var detail = try receipt.map { receipt throws(LedgerError) in try Receipt.members(receipt) } ?? [:]
        detail["event"] = event
        if let reason { detail["reason"] = reason }
        entries.append(
            TimelineEntry(
                at: changedAt, kind: kind, worker: worker, destination: destination,
                attempt: attempt > 0 ? attempt : nil, detail: detail))
    }

    /// Deliveries must have been added before; attempts come by delivery in their order.
    mutating func addAttempt(_ row: Row) throws(LedgerError) {
        var reader = RowReader(row, "an attempt")
        let id = try reader.integer()
        guard let lane = lanes[id] else { return }
        attempts[id, default: 0] += 1
        entries.append(
            TimelineEntry(
                at: Timestamp(milliseconds: try reader.integer()), kind: .attempt, worker: lane.worker,
                destination: lane.destination, attempt: attempts[id],
                detail: ["event": lane.event], tookMilliseconds: try reader.integer()))
        entries[entries.count - 1].outcome = try reader.text()
        let answer = try reader.text()
        if !answer.isEmpty { entries[entries.count - 1].detail["answer"] = answer }
    }

    /// A row that was replayed: how it had ended before, which the row itself tells no more, and who wanted it again.
    mutating func addReplay(_ row: Row) throws(LedgerError) {
        var reader = RowReader(row, "a replayed row")
        _ = try reader.integer()
        let worker = try reader.text()
        let destination = try reader.destination()
        let event = try reader.text()
        let at = Timestamp(milliseconds: try reader.integer())
        let state = try reader.state()
        let changedAt = Timestamp(milliseconds: try reader.integer())
        let attempts = Int(try reader.integer())
        let reason = try reader.textOrNull()
        if let kind = TimelineEntry.Kind(state) {
            var end = TimelineEntry(
                at: changedAt, kind: kind, worker: worker, destination: destination,
                attempt: attempts > 0 ? attempts : nil, detail: ["event": event])
            end.detail["reason"] = reason
            entries.append(end)
        }
        let replay = ["replay": try reader.text(), "name": try reader.text(), "author": try reader.text()]
        entries.append(
            TimelineEntry(
                at: at, kind: .replayed, worker: worker, destination: destination,
                detail: replay.merging(["event": event]) { $1 }))
    }

    // MARK: Order

    /// Oldest first. What has the same millisecond stands in the order in which it can have happened.
    func sorted() -> [TimelineEntry] {
        entries.enumerated().sorted { one, other in
            (one.element.at, one.element.kind.rank, one.offset) < (
                other.element.at, other.element.kind.rank, other.offset
            )
        }.map(\.element)
    }
}

extension TimelineEntry.Kind {
    /// nil where the row is open: its attempts say more.
    fileprivate init?(_ state: DeliveryState) {
        switch state {
        case .pending, .inFlight: return nil
        case .done: self = .done
        case .dead: self = .dead
        case .parked: self = .parked
        case .skipped: self = .skipped
        }
    }

    fileprivate var rank: Int {
        switch self {
        case .accepted: 0
        case .folded, .planned, .counted, .conflict, .skipped: 1
        case .replayed: 2
        case .attempt: 3
        case .done, .dead, .parked: 4
        }
    }
}
