import Crypto
import Database
import Kafka
import Ledger
import Lifecycle
import Orders
import Synchronization
import Telemetry

@testable import Intake

let source = LogPartition(cluster: "test", topic: "orders", partition: 0)
let epoch = Timestamp(milliseconds: 1_750_000_000_000)

func event(_ number: Int, title: String = "Tea") -> Event {
    let order = OrderID(String(repeating: "0", count: 24 - "\(number)".count) + "\(number)")!
    var draft = OrderDraft(locale: .uk)
    draft.title = title
    return Event(
        id: EventID.created(order).text, account: "acme", order: order, time: epoch, traceparent: nil,
        content: .created(draft))
}

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

/// Clocks of which only the waiting is played: a wait ends at once.
struct HastyTime: Timekeeper {
    var now: ContinuousClock.Instant { .now }
    var wall: Timestamp { epoch }
    func sleep(until instant: ContinuousClock.Instant) async throws {
        try Task.checkCancellation()
        await Task.yield()
    }
}

/// A value that tasks share.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    var now: Value {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
    func change<R: Sendable>(_ body: (inout Value) -> R) -> R { value.withLock { body(&$0) } }
}

/// A database that fails the next transactions in the way that the test says.
final class FlakyDatabase: Database {
    enum Fault: Sendable { case refuses, losesAnswer }
    let real: any Database
    let faults = Shared<[Fault]>([])
    init(_ real: any Database) { self.real = real }

    private static let away = DatabaseError(.busy, "the test took it away", isRetriable: true)

    func transaction(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]] {
        let fault = faults.change { $0.isEmpty ? nil : $0.removeFirst() }
        if fault == .refuses { throw Self.away }
        let rows = try await real.transaction(statements)
        if fault == .losesAnswer { throw Self.away }
        return rows
    }
    func read(_ statement: Statement) async throws(DatabaseError) -> [Row] { try await real.read(statement) }
    func migrate(_ migrations: [Migration]) async throws(DatabaseError) -> [String] {
        try await real.migrate(migrations)
    }
    func close() async { await real.close() }
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
final class TestDesk: DeliveryDesk {
    let rows = Shared<[LeasedDelivery]>([])
    let abandoned = Shared<[Bool]>([])
    let outstanding = Shared(0)
    func reserve(_ wanted: [String: Int]) -> [String: Int] {
        outstanding.change { $0 += wanted.values.reduce(0, +) }
        return wanted
    }
    func settle(
        _ reserved: [String: Int], planned: [String: Int], rows: [LeasedDelivery], sentAt: ContinuousClock.Instant
    ) {
        outstanding.change { $0 -= reserved.values.reduce(0, +) }
        self.rows.change { $0 += rows }
    }
    func abandon(_ reserved: [String: Int], isOutcomeUnknown: Bool) {
        outstanding.change { $0 -= reserved.values.reduce(0, +) }
        abandoned.change { $0.append(isOutcomeUnknown) }
    }
}

/// An intake of one partition on a ledger in memory.
final class IntakeFixture: Sendable {
    let database: FlakyDatabase
    let ledger: Ledger
    let planner = TestPlanner()
    let desk = TestDesk()
    let letters = Shared<[OutgoingRecord]>([])
    /// Errors that the next copies to `dead-letters` meet.
    let letterFaults = Shared<[KafkaError]>([])

    init() async throws {
        database = FlakyDatabase(try SQLiteDatabase(path: ":memory:", isDurable: false, now: { epoch.milliseconds }))
        ledger = Ledger(database: database, sealing: nil)
        try await ledger.migrate()
        _ = try await ledger.position(of: "confirmations", in: source, base: 0)
    }

    func parts(offsets: Range<Int64> = 0..<0, before: Record? = nil) -> IntakeParts {
        IntakeParts(
            ledger: ledger, planner: planner, desk: desk,
            deadLetters: DeadLetterDesk { [letters, letterFaults] record throws(KafkaError) in
                if let fault = letterFaults.change({ $0.isEmpty ? nil : $0.removeFirst() }) { throw fault }
                letters.change { $0.append(record) }
                return Acknowledgement(partition: 0, offset: 0)
            },
            log: PartitionLog(
                offsets: { _ throws(KafkaError) in offsets }, record: { _, _ throws(KafkaError) in before }),
            cluster: source.cluster, owner: "me", metrics: IntakeMetrics(Metrics()),
            journal: Log(process: "test", write: { _ in }), time: HastyTime())
    }

    func intake() async throws -> PartitionIntake {
        PartitionIntake(source: source, position: try await position(), parts: parts(), settings: IntakeSettings())
    }

    func position() async throws -> Position {
        try await ledger.position(of: "confirmations", in: source)!
    }
}
