import Crypto
import Database
import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Support
import Synchronization
import Telemetry
import Testing
import Tracing

@testable import Delivery

let source = LogPartition(cluster: "test", topic: "orders", partition: 0)

/// An adapter whose outcomes the test gives.
struct TestAdapter: Adapter {
    let kind = "email"
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

/// An engine on a ledger, in memory unless the test wants another, with clocks that the test moves.
final class EngineFixture: Sendable {
    let time = ManualTime()
    let database: FailingDatabase
    let ledger: Ledger
    let engine: DeliveryEngine
    let owner: String
    let letters = Shared<[OutgoingRecord]>([])
    /// Errors that the next copies to `dead-letters` meet.
    let letterFaults = Shared<[KafkaError]>([])
    let adapters: Shared<[Destination: TestAdapter]>
    let metrics = Metrics()
    private let next = Shared<Int64>(0)

    /// - Parameter maker: of a ledger whose clock stands still; nil: one in memory.
    init(
        _ adapters: [Destination: TestAdapter], owner: String = "me", on maker: LedgerMaker? = nil,
        tracer: Tracer? = nil
    ) async throws {
        let time = time
        database = FailingDatabase(
            try await maker?.place(clock: ManualClock()).open()
                ?? SQLiteDatabase(path: ":memory:", isDurable: false, now: { time.wall.milliseconds }))
        ledger = try await .made(on: database)
        _ = try await ledger.position(of: "confirmations", in: source, base: 0)
        self.adapters = Shared(adapters)
        self.owner = owner
        engine = DeliveryEngine(
            WorkerContext(
                worker: "confirmations", kinds: ["email"], owner: owner, ledger: ledger, metrics: metrics,
                log: Log(process: "test", write: { _ in }), time: time, random: Randomness { $0.upperBound },
                tracer: tracer),
            adapters: { [shared = self.adapters] in shared.now[$0] },
            deadLetters: DeadLetterPublisher { [letters, letterFaults] record throws(KafkaError) in
                if let fault = letterFaults.change({ $0.isEmpty ? nil : $0.removeFirst() }) { throw fault }
                letters.change { $0.append(record) }
                return Acknowledgement(partition: 0, offset: 0)
            })
    }

    /// As an intake does it: asks for room, takes in, hands over.
    func takeIn(_ events: [Event], to destinations: [Destination] = ["email"]) async throws {
        let wanted = Dictionary(uniqueKeysWithValues: destinations.map { ($0, events.count) })
        let room = engine.capacity.reserve(wanted)
        let from = next.change { next in
            defer { next += Int64(events.count) }
            return next
        }
        let entries = events.enumerated().map { index, event in
            entry(event, at: from + Int64(index), .planned(destinations.map { PlannedDelivery(destination: $0) }))
        }
        let sentAt = time.now
        do throws(LedgerError) {
            let rows = try await ledger.takeIn(
                IntakeBatch(
                    worker: "confirmations", source: source, owner: owner, from: from,
                    next: from + Int64(events.count), entries: entries, room: room))
            engine.capacity.settle(room, planned: wanted, rows: rows, sentAt: sentAt)
        } catch {
            engine.capacity.abandon(room, isOutcomeUnknown: true)
            throw error
        }
    }

    /// Rows of a destination by state.
    func states(_ destination: Destination = "email") async throws -> [DeliveryState: Int64] {
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
        guard engine.lanes.completer.isEmpty || engine.lanes.completer.isPausing else { return false }
        let now = time.now
        return engine.lanes.isAtRest(at: now) && engine.attempts.isAtRest(at: now) && engine.upkeep.isAtRest(at: now)
            && engine.copier?.isAtRest != false && engine.lookout.isAtRest
    }
}
