import Crypto
import Database
import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Support
import Telemetry
import Testing

@testable import Books

@Suite("What the auditor shows of the workers", .timeLimit(.minutes(2))) struct BooksWatchTests {
    private static let workers = [
        WorkerDeclaration("confirmations", topics: ["orders"], kinds: ["email"]),
        WorkerDeclaration("crm", topics: ["orders"], kinds: ["hubspot"]),
    ]
    private static let every = Duration.seconds(15)

    /// A ledger and an embedded broker, as several auditors have them.
    private final class Scene: Sendable {
        let time = ManualTime()
        let broker: EmbeddedBroker
        let database: FailingDatabase
        let ledger: Ledger
        private let watches = Shared<[BooksWatch]>([])

        init() async throws {
            broker = try EmbeddedBroker()
            try broker.create(topic: "orders", partitions: 2)
            database = FailingDatabase(
                try SQLiteDatabase(path: ":memory:", isDurable: false, now: { [time] in time.wall.milliseconds }))
            let key = try SealingKey([UInt8](repeating: 7, count: 32))
            ledger = try await .made(on: database, sealing: SealingKeys(key))
        }

        func place(_ partition: Int32) -> LogPartition {
            LogPartition(cluster: broker.clusterID, topic: "orders", partition: partition)
        }

        func watch(_ owner: String) async throws -> Metrics {
            let metrics = Metrics()
            let watch = BooksWatch(
                ledger, broker.properties, workers: BooksWatchTests.workers, every: BooksWatchTests.every, owner: owner,
                cluster: broker.clusterID, metrics: metrics, log: Log(process: "test", write: { _ in }), time: time)
            watches.change { $0.append(watch) }
            try await watch.start()
            return metrics
        }

        /// Publishes events to a partition, and takes in so many of them.
        func publish(_ events: [Event], to partition: Int32, takenIn count: Int, destination: Destination = "email")
            async throws
        {
            let producer = try Producer(broker.properties)
            for event in events {
                var record = outgoingRecord(event)
                record.partition = partition
                _ = try await producer.send(record)
            }
            await producer.close(timeout: .seconds(2))
            let worker = destination == "email" ? "confirmations" : "crm"
            _ = try await ledger.position(of: worker, in: place(partition), base: 0)
            let entries = events.prefix(count).enumerated().map { index, event in
                entry(event, at: Int64(index), .planned([PlannedDelivery(destination: destination)]))
            }
            _ = try await ledger.takeIn(
                IntakeBatch(
                    worker: worker, source: place(partition), owner: "a", from: 0, next: Int64(count), entries: entries,
                    room: [:]))
        }

        /// One interval passes, and the positions have been read at its end.
        func interval(readBy metrics: Metrics) async throws {
            time.advance(by: BooksWatchTests.every)
            let line = "\norderrelay_books_read_timestamp_seconds \(time.wall.milliseconds / 1000)\n"
            try await eventually("the positions are read") { metrics.rendered().contains(line) }
        }

        /// Interval after interval passes until something holds.
        func pass(until condition: () -> Bool) async throws {
            for _ in 0..<40 {
                let patience = ContinuousClock.now + .milliseconds(500)
                while ContinuousClock.now < patience {
                    if condition() { return }
                    try await Task.sleep(for: .milliseconds(2))
                }
                time.advance(by: BooksWatchTests.every)
            }
            #expect(condition())
        }

        func stopFirst() async { await watches.now[0].stop(by: .now + .seconds(2)) }

        func end() async {
            for watch in watches.now { await watch.stop(by: .now + .seconds(2)) }
            await ledger.close()
            broker.stop()
        }
    }

    private static let place = #"worker="confirmations",topic="orders",partition="#

    @Test("positions, lag and rows are shown by worker and kind, those of a worker that never ran are not")
    func figures() async throws {
        let scene = try await Scene()
        try await scene.publish((1...3).map { event($0) }, to: 0, takenIn: 1)
        scene.time.advance(by: .seconds(40))
        let metrics = try await scene.watch("a")
        func shows(_ line: String) -> Bool { metrics.rendered().contains("\norderrelay_\(line)\n") }
        try await eventually("the positions are read") { shows("position_lag_records{\(Self.place)\"0\"} 2") }
        #expect(
            shows("position_next_offset{\(Self.place)\"0\"} 1") && shows("position_end_offset{\(Self.place)\"0\"} 3"))
        #expect(shows("position_unaccounted{\(Self.place)\"0\"} 0"))
        // Records carry the broker's time, which is the machine's: far from the test's.
        #expect(metrics.rendered().contains("\norderrelay_position_lag_seconds{\(Self.place)\"0\"} "))
        try await eventually("the other partition is read") { shows("position_lag_records{\(Self.place)\"1\"} 0") }
        #expect(shows("position_lag_seconds{\(Self.place)\"1\"} 0"))
        #expect(!metrics.rendered().contains("position_next_offset{worker=\"crm\""))
        #expect(shows(#"delivery_oldest_overdue_seconds{worker="confirmations",kind="email"} 40"#))
        #expect(shows(#"delivery_oldest_overdue_seconds{worker="crm",kind="hubspot"} 0"#))
        #expect(shows("books_failures_total 0"))
        try await scene.pass { shows(#"delivery_rows{worker="confirmations",kind="email",state="pending"} 1"#) }
        #expect(shows(#"delivery_rows{worker="confirmations",kind="email",state="dead"} 0"#))
        #expect(shows(#"delivery_unaccounted{worker="crm",kind="hubspot"} 0"#))
        await scene.end()
    }

    @Test("a connection's rows are those of its kind; of one that is gone the kind is unknown")
    func connections() async throws {
        let scene = try await Scene()
        try await scene.ledger.put(
            Connection(
                id: "c1", account: "acme", kind: "hubspot", url: "https://crm.example", secret: "pat",
                since: Timestamp(milliseconds: 0)))
        try await scene.publish([event(1)], to: 0, takenIn: 1, destination: Destination("crm", connection: "c1"))
        try await scene.publish([event(2)], to: 1, takenIn: 1, destination: Destination("crm", connection: "c2"))
        scene.time.advance(by: .seconds(7))
        let metrics = try await scene.watch("a")
        func shows(_ line: String) -> Bool { metrics.rendered().contains("\norderrelay_\(line)\n") }
        for kind in ["hubspot", "unknown"] {
            try await scene.pass { shows("delivery_rows{worker=\"crm\",kind=\"\(kind)\",state=\"pending\"} 1") }
            #expect(!shows("delivery_oldest_overdue_seconds{worker=\"crm\",kind=\"\(kind)\"} 0"))
        }
        #expect(!metrics.rendered().contains("c1"))
        await scene.end()
    }

    @Test("one process shows the figures; when it stops another does, and it shows none")
    func shownByOne() async throws {
        let scene = try await Scene()
        try await scene.publish([event(1)], to: 0, takenIn: 0)
        let first = try await scene.watch("a")
        func shows(_ metrics: Metrics) -> Bool { metrics.rendered().contains("\norderrelay_position_next_offset{") }
        try await eventually("the first shows them") { shows(first) }
        let second = try await scene.watch("b")
        for _ in 0..<8 {
            try await scene.interval(readBy: first)
            #expect(!shows(second), "the first one still has the lease")
        }
        #expect(shows(first))
        await scene.stopFirst()
        try await scene.pass { shows(second) }
        await scene.end()
    }

    @Test("figures outlast a short outage of the ledger, and are gone after a long one")
    func outage() async throws {
        let scene = try await Scene()
        try await scene.publish([event(1)], to: 0, takenIn: 0)
        let metrics = try await scene.watch("a")
        func shows() -> Bool { metrics.rendered().contains("\norderrelay_position_next_offset{") }
        try await eventually("they are shown") { shows() }
        scene.database.mood.now = .away
        scene.time.advance(by: Self.every)
        try await eventually("a reading has failed") { !metrics.rendered().contains("books_failures_total 0\n") }
        #expect(shows())
        try await scene.pass { !shows() }
        #expect(metrics.rendered().contains("\norderrelay_books_read_timestamp_seconds 0\n"))
        scene.database.mood.now = .well
        try await scene.pass { shows() }
        await scene.end()
    }
}
