import Crypto
import Database
import Kafka
import Ledger
import Lifecycle
import Orders
import Support
import Telemetry
import Tracing

@testable import Intake

let source = LogPartition(cluster: "test", topic: "orders", partition: 0)
func record(_ event: Event, at offset: Int64) -> Record {
    let encoded = event.encoded()
    return Record(
        source: TopicPartition(topic: "orders", partition: 0), offset: offset, timestamp: epoch.milliseconds,
        key: encoded.key, value: encoded.value, headers: encoded.headers.map { RecordHeader($0.name, text: $0.value) })
}

func record(of bytes: [UInt8]?, at offset: Int64, headers: [RecordHeader] = []) -> Record {
    Record(
        source: TopicPartition(topic: "orders", partition: 0), offset: offset, timestamp: epoch.milliseconds, key: nil,
        value: bytes, headers: headers)
}

extension Record {
    func moved(by offset: Int64) -> Record {
        Record(
            source: source, offset: self.offset + offset, timestamp: timestamp, key: key, value: value, headers: headers
        )
    }
}

/// Clocks of which only the waiting is played: a wait ends at once.
struct HastyTime: Timekeeper {
    var now: ContinuousClock.Instant { .now }
    var wall: Timestamp { epoch }
    func sleep(until instant: ContinuousClock.Instant) async throws {
        try Task.checkCancellation()
        await Task.yield()
    }
}

/// Plans everything for `email`; fails as often as the test says; notes what it was asked.
final class TestPlanner: Planner {
    let worker = "confirmations"
    let topics = ["orders"]
    let asked = Shared<[PlannableEvent]>([])
    let failures = Shared(0)
    func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
        if failures.change({
            $0 -= 1
            return $0 >= 0
        }) {
            throw LedgerError(.unavailable, "the test says so")
        }
        asked.change { $0 += events }
        return events.map {
            Plan($0.isConflict ? .skipped(reason: "conflict") : .planned([PlannedDelivery(destination: "email")]))
        }
    }
}

/// Gives all the room that is asked for, and notes what came back.
final class TestCapacity: DeliveryCapacity {
    let rows = Shared<[LeasedDelivery]>([])
    let abandoned = Shared<[Bool]>([])
    let outstanding = Shared(0)
    func reserve(_ wanted: [Destination: Int]) -> [Destination: Int] {
        outstanding.change { $0 += wanted.values.reduce(0, +) }
        return wanted
    }
    func settle(
        _ reserved: [Destination: Int], planned: [Destination: Int], rows: [LeasedDelivery],
        sentAt: ContinuousClock.Instant
    ) {
        outstanding.change { $0 -= reserved.values.reduce(0, +) }
        self.rows.change { $0 += rows }
    }
    func abandon(_ reserved: [Destination: Int], isOutcomeUnknown: Bool) {
        outstanding.change { $0 -= reserved.values.reduce(0, +) }
        abandoned.change { $0.append(isOutcomeUnknown) }
    }
}

/// An intake of one partition on a ledger in memory.
final class IntakeFixture: Sendable {
    let database: FailingDatabase
    let ledger: Ledger
    let context: WorkerContext
    let planner = TestPlanner()
    let capacity = TestCapacity()
    let letters = Shared<[OutgoingRecord]>([])
    /// Errors that the next copies to `dead-letters` meet.
    let letterFaults = Shared<[KafkaError]>([])

    /// - Parameter tracer: nil: nothing is traced.
    init(tracer: Tracer? = nil) async throws {
        database = FailingDatabase(try SQLiteDatabase(path: ":memory:", isDurable: false, now: { epoch.milliseconds }))
        ledger = try await .made(on: database)
        context = WorkerContext(
            worker: planner.worker, owner: "me", ledger: ledger, metrics: Metrics(),
            log: Log(process: "test", write: { _ in }), time: HastyTime(), tracer: tracer)
        _ = try await ledger.position(of: "confirmations", in: source, base: 0)
    }

    var steps: IntakeSteps {
        IntakeSteps(
            planner: planner, capacity: capacity,
            deadLetters: DeadLetterPublisher { [letters, letterFaults] record throws(KafkaError) in
                if let fault = letterFaults.change({ $0.isEmpty ? nil : $0.removeFirst() }) { throw fault }
                letters.change { $0.append(record) }
                return Acknowledgement(partition: 0, offset: 0)
            }, metrics: IntakeMetrics(context.metrics, worker: context.worker, topics: ["orders"]))
    }

    func intake(at position: Position? = nil) async throws -> PartitionIntake {
        let present = try await self.position()
        return PartitionIntake(context, steps, source: source, position: position ?? present)
    }

    /// - Parameters:
    ///   - before: the record before any position.
    ///   - offsets: the log's first and next offset.
    func owner(
        before: Record? = nil, cluster: String = source.cluster, stoppedForNow: @escaping @Sendable () -> Void = {},
        restart: @escaping @Sendable (TopicPartition) -> Void = { _ in },
        offsets: @escaping @Sendable () throws(KafkaError) -> Range<Int64>
    ) -> IntakeOwner {
        let log = PartitionLog(
            offsets: { _ throws(KafkaError) in try offsets() }, record: { _, _ throws(KafkaError) in before })
        return IntakeOwner(
            context, steps: steps, log: log, cluster: cluster, stoppedForNow: stoppedForNow, restart: restart)
    }

    func owner(
        offsets: Range<Int64>, before: Record? = nil, cluster: String = source.cluster,
        stoppedForNow: @escaping @Sendable () -> Void = {},
        restart: @escaping @Sendable (TopicPartition) -> Void = { _ in }
    ) -> IntakeOwner {
        owner(before: before, cluster: cluster, stoppedForNow: stoppedForNow, restart: restart) { offsets }
    }

    func position() async throws -> Position {
        try await ledger.position(of: "confirmations", in: source)!
    }
}
