import Database
import Delivery
import Foundation
import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Synchronization
import Telemetry
import Testing

/// Plans every event for the destinations that the test names; a conflict is skipped, as workers do it.
struct PlainPlanner: Planner {
    var worker = "confirmations"
    var topics = ["orders"]
    var destinations: [String]
    func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
        events.map { event in
            event.isConflict
                ? Plan(.skipped(reason: "conflict"))
                : Plan(.planned(destinations.map { PlannedDelivery(destination: $0) }))
        }
    }
}

/// Notes the ids of the events that it is given, and has them done.
final class NotingAdapter: Adapter {
    let timeout = Duration.seconds(10)
    let concurrency = 8
    private let seen = Mutex<[String]>([])
    var eventIDs: [String] { seen.withLock { $0 } }
    func attempt(_ attempt: Attempt) async -> Outcome {
        seen.withLock { $0.append(attempt.event.id) }
        return .done(answer: "noted", receipt: [:])
    }
}

/// An embedded broker and a ledger in a folder of the test's own.
final class WorkerBench: Sendable {
    let broker: EmbeddedBroker
    let producer: Producer
    let ledger: Ledger
    let folder: URL
    let lines = Mutex<[String]>([])
    let metrics = Metrics()

    init(partitions: Int32 = 4) async throws {
        broker = try EmbeddedBroker()
        try broker.create(topic: "orders", partitions: partitions)
        try broker.create(topic: "dead-letters", partitions: 1)
        producer = try Producer(broker.properties)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("orderrelay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        ledger = Ledger(
            database: try SQLiteDatabase(
                path: folder.appendingPathComponent("ledger.db").path, isDurable: false,
                now: { SystemTime().wall.milliseconds }), sealing: nil)
        try await ledger.migrate()
    }

    deinit {
        broker.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    func worker(
        _ planner: any Planner, owner: String = "p\(UInt64.random(in: 0...UInt64.max))",
        adapters: @escaping AdapterResolver
    ) -> Worker {
        Worker(
            Worker.Parts(
                planner: planner, adapters: adapters, ledger: ledger, kafka: broker.properties,
                cluster: broker.clusterID, owner: owner, metrics: metrics,
                journal: Log(process: "test") { line in self.lines.withLock { $0.append(line) } }))
    }

    /// The event's record, as `ingest` writes it.
    static func record(_ event: Event) -> OutgoingRecord {
        let encoded = event.encoded()
        return OutgoingRecord(
            topic: "orders", key: encoded.key, value: encoded.value,
            headers: encoded.headers.map { RecordHeader($0.name, text: $0.value) })
    }

    @discardableResult
    func publish(_ event: Event) async throws -> Acknowledgement { try await producer.send(Self.record(event)) }

    /// Publishes many, in order; every one must be acknowledged.
    func publish(_ events: [Event]) async throws {
        for answer in try await producer.sendAll(events.map(Self.record), timeout: .seconds(20)) {
            _ = try answer.get()
        }
    }

    func states(_ worker: String, _ destination: String) async throws -> [String: Int64] {
        let book = try await ledger.books(of: worker).first { $0.destination == destination }
        #expect(book?.unaccounted ?? 0 == 0)
        return (book?.rows ?? [:]).filter { $0.value > 0 }
    }

    /// The worker's positions, summed over the partitions.
    func positions(_ worker: String, partitions: Int32 = 4, cluster: String? = nil) async throws -> Position {
        var sum = Position(base: 0, next: 0)
        for partition in 0..<partitions {
            let source = LogPartition(cluster: cluster ?? broker.clusterID, topic: "orders", partition: partition)
            guard let position = try await ledger.position(of: worker, in: source) else { continue }
            sum.next += position.next
            sum.planned += position.planned
            sum.folded += position.folded
            sum.skipped += position.skipped
            sum.lost += position.lost
        }
        return sum
    }
}

/// Order `number`'s creation, or a later update of it.
func orderEvent(_ number: Int, update: Int = 0, title: String? = nil, notify: Bool = true) -> Event {
    let order = OrderID(String(format: "%024x", number))!
    var draft = OrderDraft(locale: .en)
    draft.title = title ?? "Order \(number)"
    draft.price = Money(minorUnits: 10_000, currency: Currency("UAH")!)
    draft.buyer = Buyer(name: "Buyer \(number)", email: "buyer\(number)@example.org")
    draft.isNotifyAccount = notify
    return Event(
        id: update == 0
            ? EventID.created(order).text : EventID.later(order, .updated, .idempotencyKey("\(update)")).text,
        account: "acme", order: order, time: SystemTime().wall, traceparent: nil,
        content: update == 0 ? .created(draft) : .updated(OrderChange(userComments: "update \(update)")))
}

/// Waits until something holds that is bound to hold.
func eventually(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(20),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < end else {
            Issue.record("never: \(what())", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
