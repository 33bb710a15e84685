import Intake
import Kafka
import Ledger
import Telemetry

/// What is seen of the workers from outside: it stays when a worker is gone.
struct BooksMetrics: Sendable {
    private let next: Gauge
    private let end: Gauge
    private let lagRecords: Gauge
    private let lagSeconds: Gauge
    private let headroom: Gauge
    private let positionUnaccounted: Gauge
    private let rows: Gauge
    private let unaccounted: Gauge
    private let overdue: Gauge
    private let readAt: Gauge
    private let failures: Counter
    private let kinds: [String: DestinationKinds]

    init(_ metrics: Metrics, workers: [WorkerDeclaration]) {
        kinds = Dictionary(uniqueKeysWithValues: workers.map { ($0.name, DestinationKinds($0)) })
        let place = [Label("worker", workers.map(\.name)), Label("topic", workers.flatMap(\.topics)), "partition"]
        next = metrics.gauge(
            "orderrelay_position_next_offset", "Offset of the record that the worker takes in next.", labels: place)
        end = metrics.gauge(
            "orderrelay_position_end_offset", "Offset that the partition's next record will get.", labels: place)
        lagRecords = metrics.gauge(
            "orderrelay_position_lag_records", "Records that the worker has not taken in.", labels: place)
        lagSeconds = metrics.gauge(
            "orderrelay_position_lag_seconds", "Age of the oldest record that the worker has not taken in; 0: all are.",
            labels: place)
        headroom = metrics.gauge(
            "orderrelay_retention_headroom_seconds",
            "Until Kafka deletes a record that the worker has not taken in; 0: it has.", labels: place)
        positionUnaccounted = metrics.gauge(
            "orderrelay_position_unaccounted", "Records that no counter of the ledger accounts for: must stay 0.",
            labels: place)
        let kind = ["worker", "kind"].map { Label(stringLiteral: $0) }
        rows = metrics.gauge("orderrelay_delivery_rows", "Rows of the ledger by state.", labels: kind + ["state"])
        unaccounted = metrics.gauge(
            "orderrelay_delivery_unaccounted", "Planned rows that no state accounts for: must stay 0.", labels: kind)
        overdue = metrics.gauge(
            "orderrelay_delivery_oldest_overdue_seconds", "How late the oldest due row is; 0: none is due.",
            labels: kind)
        readAt = metrics.gauge(
            "orderrelay_books_read_timestamp_seconds",
            "When the positions were read last, in seconds since 1970; 0: another process reads them, or none does.")
        failures = metrics.counter(
            "orderrelay_books_failures_total", "Readings of positions or rows that failed; the log says why.")
    }

    /// Another process shows the figures, or they are old.
    func hide() {
        for gauge in [
            next, end, lagRecords, lagSeconds, headroom, positionUnaccounted, rows, unaccounted, overdue,
        ] { gauge.clear() }
        readAt.set(0)
    }

    func failed() { failures.add() }
    func read(at seconds: Double) { readAt.set(seconds) }

    func show(_ figures: PartitionFigures, of worker: String, in place: TopicPartition) {
        let partition = "\(place.partition)"
        next.set(Double(figures.next), worker, place.topic, partition)
        end.set(Double(figures.end), worker, place.topic, partition)
        lagRecords.set(Double(figures.lagRecords), worker, place.topic, partition)
        positionUnaccounted.set(Double(figures.unaccounted), worker, place.topic, partition)
        if let seconds = figures.lagSeconds { lagSeconds.set(seconds, worker, place.topic, partition) }
        if let seconds = figures.headroomSeconds { headroom.set(seconds, worker, place.topic, partition) }
    }

    /// - Parameter late: seconds by destination, of those that have a due row.
    func showOverdue(_ late: [(destination: Destination, seconds: Double)], of worker: String, _ found: FoundKinds) {
        guard let kinds = kinds[worker] else { return }
        var worst = Dictionary(uniqueKeysWithValues: kinds.all.map { ($0, 0.0) })
        for (destination, seconds) in late {
            worst[kinds.kind(of: destination, found), default: 0].formMaximum(seconds)
        }
        for (kind, seconds) in worst { overdue.set(seconds, worker, kind) }
    }

    func show(_ books: WorkerBooks, _ found: FoundKinds) {
        guard let kinds = kinds[books.worker] else { return }
        var counts: [String: [DeliveryState: Int64]] = [:]
        var missing: [String: Int64] = [:]
        for book in books.destinations {
            let kind = kinds.kind(of: book.destination, found)
            counts[kind, default: [:]].merge(book.rows) { $0 + $1 }
            // One destination's surplus does not make up for what another lacks.
            missing[kind, default: 0] += abs(book.unaccounted)
        }
        for kind in kinds.all {
            for state in DeliveryState.allCases {
                rows.set(Double(counts[kind]?[state] ?? 0), books.worker, kind, state.rawValue)
            }
            unaccounted.set(Double(missing[kind] ?? 0), books.worker, kind)
        }
    }
}

extension Double {
    fileprivate mutating func formMaximum(_ other: Double) { self = max(self, other) }
}
