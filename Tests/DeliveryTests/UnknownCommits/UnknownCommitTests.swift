import Database
import Kafka
import Ledger
import Lifecycle
import Orders
import Support
import Telemetry
import Testing

@testable import Delivery
@testable import Intake

/// A commit of which nobody knows whether it holds: the client's connection was lost between COMMIT and its answer.
@Suite("Commits of unknown outcome", .enabled(if: PostgreSQLServer.isHere), .timeLimit(.minutes(5)))
struct UnknownCommitTests {
    /// Side by side, since most of a run is waiting.
    private static let scenes = 4
    private static let runs = 100

    @Test("of taking in, taking and writing an outcome: a hundred times nothing is lost and nothing is done twice")
    func hundredTimes() async throws {
        let server = try await PostgreSQLServer(settings: ["synchronous_standby_names=nobody", "autovacuum=off"])
        let past = try await withThrowingTaskGroup(of: [(doubt: Doubt, held: Bool)].self) { group in
            for number in 0..<Self.scenes {
                group.addTask {
                    let scene = try await UnknownCommitScene(on: server)
                    // Every verb with either ending, whatever the number of the scene.
                    for run in stride(from: number, to: Self.runs, by: Self.scenes) {
                        try await scene.play(run / Self.scenes)
                    }
                    try await scene.check()
                    return scene.database.past.now
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(past.count == Self.runs && past.allSatisfy { $0.held == $0.doubt.isCommitted })
        for verb in Doubt.Verb.allCases {
            let ofVerb = past.filter { $0.doubt.verb == verb }
            #expect(ofVerb.count { $0.held } >= Self.runs / 8 && ofVerb.count { !$0.held } >= Self.runs / 8)
        }
    }
}

/// A worker's intake of one partition and its deliveries, on a ledger of its own.
private final class UnknownCommitScene: Sendable {
    let database: DoubtfulDatabase
    private let ledger: Ledger
    private let context: WorkerContext
    private let engine: DeliveryEngine
    private let sightings = Sightings()
    private let played = Shared(0)

    init(on server: PostgreSQLServer) async throws {
        database = try DoubtfulDatabase(try await server.makeDatabase(), on: server)
        ledger = try await .made(on: database)
        context = WorkerContext(
            worker: EmailPlanner().worker, owner: "me", ledger: ledger, metrics: Metrics(),
            log: Log(process: "test", write: { _ in }), time: HurriedTime())
        _ = try await ledger.position(of: context.worker, in: source, base: 0)
        let adapter = TestAdapter { [sightings] attempt in
            sightings.note(attempt)
            return done
        }
        engine = DeliveryEngine(context, adapters: { _ in adapter }, deadLetters: nil)
        engine.start()
    }

    /// One more order, on whose way the answer of one transaction is lost.
    func play(_ run: Int) async throws {
        let verbs = Doubt.Verb.allCases
        let (verb, isCommitted) = (verbs[run % verbs.count], run / verbs.count % 2 == 0)
        // A take that was under way already may bring the row before: then another order is tried.
        for _ in 0..<10 where try await hasPlayed(verb, isCommitted) { return }
        throw CommandFailure("no \(verb) was met, ten times in a row")
    }

    /// - Returns: whether the answer was lost.
    private func hasPlayed(_ verb: Doubt.Verb, _ isCommitted: Bool) async throws -> Bool {
        let event = event(
            played.change {
                $0 += 1; return $0 - 1
            })
        database.next.now = Doubt(verb: verb, isCommitted: isCommitted, event: event.id)
        let position = try await ledger.position(of: context.worker, in: source)!
        if verb == .take {
            // Another process plans it, so that it is taken, not handed over.
            let planned = entry(event, at: position.next, .planned([PlannedDelivery(destination: "email")]))
            _ = try await ledger.takeIn(
                IntakeBatch(
                    worker: context.worker, source: source, owner: "another", from: position.next,
                    next: position.next + 1, entries: [planned]))
        } else {
            let steps = IntakeSteps(
                planner: EmailPlanner(), capacity: engine.capacity, deadLetters: nil,
                metrics: IntakeMetrics(context.metrics, worker: context.worker, topics: ["orders"]))
            var intake = PartitionIntake(context, steps, source: source, position: position)
            try await intake.takeIn([record(event, at: position.next)]) { false }
        }
        try await eventually("\(event.id) is done, after a doubtful \(verb)") {
            guard database.isAtRest else { return false }
            return try await database.read(Statement(Doubt.Verb.complete.fact, [.text(event.id)])) == [[.integer(1)]]
        }
        return database.next.change { $0.take() } == nil
    }

    /// Nothing is missing, and nothing was done twice.
    func check() async throws {
        let count = Int64(played.now)
        let position = try await ledger.position(of: context.worker, in: source)!
        #expect(position.next == count && position.planned == count && position.folded == 0)
        let books = try await ledger.books(of: context.worker)
        #expect(books.count == 1 && books[0].rows.filter { $0.value > 0 } == [.done: count])
        #expect(books.allSatisfy { $0.unaccounted == 0 })
        #expect(sightings.eventIDs.sorted() == (0..<Int(count)).map { event($0).id }.sorted())
        await engine.stop(by: context.time.now + .seconds(10))
        await ledger.close()
    }

    private func record(_ event: Event, at offset: Int64) -> Record {
        let record = outgoingRecord(event)
        return Record(
            source: TopicPartition(topic: source.topic, partition: source.partition), offset: offset,
            timestamp: epoch.milliseconds, key: record.key, value: record.value, headers: record.headers)
    }
}

private struct EmailPlanner: Planner {
    let worker = "confirmations"
    let topics = ["orders"]
    func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
        events.map { _ in Plan(.planned([PlannedDelivery(destination: "email")])) }
    }
}

/// A clock that runs ten times as fast, so that what is looked for every five seconds is found soon.
private struct HurriedTime: Timekeeper {
    private static let speed = 10
    private let start = ContinuousClock.now

    var now: ContinuousClock.Instant { start + (.now - start) * Self.speed }
    /// As the ledger's.
    var wall: Timestamp { SystemTime().wall }
    func sleep(until instant: ContinuousClock.Instant) async throws {
        try await Task.sleep(until: start + (instant - start) / Self.speed, clock: .continuous)
    }
}
