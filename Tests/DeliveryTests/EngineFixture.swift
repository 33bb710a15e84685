import Crypto
import Database
import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Synchronization
import Telemetry
import Testing

@testable import Delivery

let source = LogPartition(cluster: "test", topic: "orders", partition: 0)

func event(_ number: Int, update: Int = 0, at time: Timestamp = Timestamp(milliseconds: 1_750_000_000_000)) -> Event {
    let order = OrderID(String(repeating: "0", count: 24 - "\(number)".count) + "\(number)")!
    var draft = OrderDraft(locale: .uk)
    draft.title = "Order \(number)"
    return Event(
        id: update == 0
            ? EventID.created(order).text : EventID.later(order, .updated, .idempotencyKey("\(update)")).text,
        account: "acme", order: order, time: time, traceparent: nil,
        content: update == 0 ? .created(draft) : .updated(OrderChange(userComments: "\(update)")))
}

/// An adapter whose outcomes the test gives.
struct TestAdapter: Adapter {
    var timeout = Duration.seconds(10)
    var concurrency = 4
    var work: @Sendable (Attempt) async -> Outcome
    func attempt(_ attempt: Attempt) async -> Outcome { await work(attempt) }
}

let done = Outcome.done(answer: "250 ok", receipt: ["messageID": "<1@x>"])

/// Everything attempted, in the order of starting.
final class Sightings: Sendable {
    private let attempts = Mutex<[Attempt]>([])
    func note(_ attempt: Attempt) { attempts.withLock { $0.append(attempt) } }
    var all: [Attempt] { attempts.withLock { $0 } }
    var eventIDs: [String] { all.map(\.event.id) }
}

/// A value that the test changes while others read it.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    var now: Value {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
    func change<R: Sendable>(_ body: (inout Value) -> R) -> R { value.withLock { body(&$0) } }
}

/// A database that can be made to fail.
final class FlakyDatabase: Database {
    enum Mood: Sendable { case well, away, losesAnswers }
    let real: any Database
    let mood = Shared(Mood.well)
    init(_ real: any Database) { self.real = real }

    private static let away = DatabaseError(.busy, "the test took it away", isRetriable: true)

    func transaction(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]] {
        let mood = mood.now
        if mood == .away { throw Self.away }
        let rows = try await real.transaction(statements)
        if mood == .losesAnswers { throw Self.away }
        return rows
    }
    func read(_ statement: Statement) async throws(DatabaseError) -> [Row] {
        if mood.now == .away { throw Self.away }
        return try await real.read(statement)
    }
    func migrate(_ migrations: [Migration]) async throws(DatabaseError) -> [String] {
        try await real.migrate(migrations)
    }
    func close() async { await real.close() }
}

/// An engine on a ledger in memory, with clocks that the test moves.
final class EngineFixture: Sendable {
    let time = ManualTime()
    let database: FlakyDatabase
    let ledger: Ledger
    let engine: DeliveryEngine
    let letters = Shared<[OutgoingRecord]>([])
    let adapters: Shared<[String: TestAdapter]>
    let metrics = Metrics()
    private let next = Shared<Int64>(0)

    init(_ adapters: [String: TestAdapter], owner: String = "me") async throws {
        let time = time
        database = FlakyDatabase(
            try SQLiteDatabase(path: ":memory:", isDurable: false, now: { time.wall.milliseconds }))
        ledger = Ledger(database: database, sealing: nil)
        try await ledger.migrate()
        _ = try await ledger.position(of: "confirmations", in: source, base: 0)
        self.adapters = Shared(adapters)
        engine = DeliveryEngine(
            DeliveryEngine.Parts(
                ledger: ledger, worker: "confirmations", owner: owner,
                adapters: { [shared = self.adapters] in shared.now[$0] },
                deadLetters: DeadLetterDesk { [letters] record throws(KafkaError) in
                    letters.change { $0.append(record) }
                    return Acknowledgement(partition: 0, offset: 0)
                },
                metrics: DeliveryMetrics(metrics), journal: Log(process: "test", write: { _ in }), time: time,
                random: Randomness { $0.upperBound }))
    }

    /// As an intake does it: asks for room, takes in, hands over.
    func takeIn(_ events: [Event], to destinations: [String] = ["email"]) async throws {
        let wanted = Dictionary(uniqueKeysWithValues: destinations.map { ($0, events.count) })
        let room = engine.reserve(wanted)
        let from = next.change { next in
            defer { next += Int64(events.count) }
            return next
        }
        let entries = events.enumerated().map { index, event in
            IntakeEntry(
                offset: from + Int64(index), event: event, id: event.id, key: event.order.text, time: event.time,
                disposition: .planned(destinations.map { PlannedDelivery(destination: $0) }))
        }
        let sentAt = time.now
        do throws(LedgerError) {
            let rows = try await ledger.takeIn(
                IntakeBatch(
                    worker: "confirmations", source: source, owner: engine.parts.owner, from: from,
                    next: from + Int64(events.count), entries: entries, room: room))
            engine.settle(room, planned: wanted, rows: rows, sentAt: sentAt)
        } catch {
            engine.abandon(room, isOutcomeUnknown: true)
            throw error
        }
    }

    /// Rows of a destination by state.
    func states(_ destination: String = "email") async throws -> [String: Int64] {
        let book = try await ledger.books(of: "confirmations").first { $0.destination == destination }
        #expect(book?.unaccounted ?? 0 == 0)
        return (book?.rows ?? [:]).filter { $0.value > 0 }
    }

    /// Lets time pass in steps small enough for leases and looks.
    func pass(_ duration: Duration, step: Duration = .seconds(1)) async {
        var left = duration
        while left > .zero {
            time.advance(by: min(step, left))
            left -= step
            // What the alarms started gets to run: time stands still until nothing but attempts is under way.
            var quiet = 0
            while quiet < 3 {
                try? await Task.sleep(for: .milliseconds(1))
                quiet = isQuiet ? quiet + 1 : 0
            }
        }
    }

    private var isQuiet: Bool {
        guard engine.completer.isEmpty || engine.completer.isPausing else { return false }
        return engine.state.withLock { state in
            if state.isStopping { return state.takes == 0 }
            let isSet = state.wakeUps.first.map { $0 > time.now } ?? true
            return isSet && state.takes == 0 && !state.isLooking && !state.isRenewing && !state.isCopying
        }
    }
}

/// Waits until something holds that is bound to hold; fails after ten seconds.
func eventually(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(10)
    while try await !condition() {
        guard ContinuousClock.now < end else {
            Issue.record("never: \(what)", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        await Task.yield()
    }
}
