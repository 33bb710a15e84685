import Delivery
import Foundation
import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Support
import Synchronization
import Telemetry
import Testing

/// Plans every event for the destinations that the test names; a conflict is skipped, as workers do it.
struct PlainPlanner: Planner {
    var worker = "confirmations"
    var topics = ["orders"]
    var destinations: [Destination]
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
    let kind = "email"
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
    private let temporary: TemporaryFolder
    var folder: URL { temporary.url }
    let lines = Mutex<[String]>([])
    let metrics = Metrics()

    /// - Parameter url: of the ledger's database; nil: a file in the folder, not synchronised.
    init(partitions: Int32 = 4, url: String? = nil) async throws {
        broker = try EmbeddedBroker()
        try broker.create(topic: "orders", partitions: partitions)
        try broker.create(topic: "dead-letters", partitions: 1)
        producer = try Producer(broker.properties)
        temporary = try TemporaryFolder("worker")
        let now: @Sendable () -> Int64 = { SystemTime().wall.milliseconds }
        if let url {
            ledger = try Ledger.open(url: url, sealing: nil, now: now)
            try await ledger.migrate()
        } else {
            ledger = try await .made(file: temporary.file(), now: now)
        }
    }

    deinit { broker.stop() }

    func worker(
        _ planner: any Planner, owner: String = "p\(UInt64.random(in: 0...UInt64.max))",
        time: any Timekeeper = SystemTime(), adapters: @escaping AdapterResolver
    ) -> Worker {
        Worker(
            WorkerContext(
                worker: planner.worker, owner: owner, ledger: ledger, metrics: metrics,
                log: Log(process: "test") { line in self.lines.withLock { $0.append(line) } }, time: time),
            planner: planner, adapters: adapters, kafka: broker.properties, cluster: broker.clusterID)
    }

    @discardableResult
    func publish(_ event: Event) async throws -> Acknowledgement { try await producer.send(outgoingRecord(event)) }

    /// Publishes many, in order; every one must be acknowledged.
    func publish(_ events: [Event]) async throws {
        for answer in try await producer.sendAll(events.map(outgoingRecord), timeout: .seconds(20)) {
            _ = try answer.get()
        }
    }

    func states(_ worker: String, _ destination: Destination) async throws -> [DeliveryState: Int64] {
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
