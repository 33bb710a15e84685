import Crypto
import Database
import Ledger
import Orders
import Support
import Testing

extension LedgerMaker: CustomTestStringConvertible {
    public var testDescription: String { "\(kind)" }
}

/// A ledger of one test's own, with a clock that the test owns.
struct Fixture {
    static let start = epoch.milliseconds

    let clock: ManualClock
    let ledger: Ledger
    let database: any Database
    private let place: LedgerMaker.Place

    init(_ maker: LedgerMaker, sealing: SealingKeys? = nil) async throws {
        clock = ManualClock(Self.start)
        place = try await maker.place(clock: clock)
        database = try place.open()
        ledger = try await .made(on: database, sealing: sealing)
    }

    /// A second program on the same database.
    func another(sealing: SealingKeys? = nil) throws -> Ledger { Ledger(database: try open(), sealing: sealing) }

    /// The database once more, as another program has it.
    func open() throws -> any Database { try place.open() }

    /// Runs statements as another program that does not commit yet; PostgreSQL's only.
    func holding(_ statements: [Statement]) async throws -> HeldTransaction {
        try await HeldTransaction(statements, at: try #require(place.url))
    }

    /// One number, asked of the tables themselves.
    func number(_ text: String) async throws -> Int64 {
        try #require(try await database.read(Statement(text)).first?.first?.integer, "\(text)")
    }
}

let partition = LogPartition(cluster: "c", topic: "orders", partition: 3)

/// Events planned for one destination each, one after another from `from`.
func batch(
    _ events: [Event], to destination: Destination = "email", from: Int64 = 0, owner: String = "a",
    worker: String = "confirmations", room: Int = 0
) -> IntakeBatch {
    IntakeBatch(
        worker: worker, source: partition, owner: owner, from: from, next: from + Int64(events.count),
        entries: events.enumerated().map { index, event in
            entry(event, at: from + Int64(index), .planned([PlannedDelivery(destination: destination)]))
        }, room: [destination: room])
}

func completion(_ delivery: LeasedDelivery, _ verdict: Completion.Verdict = .done, unknown: Bool = false) -> Completion
{
    Completion(
        delivery: delivery, verdict: verdict, isOutcomeUnknown: unknown,
        startedAt: Timestamp(milliseconds: Fixture.start), tookMilliseconds: 12, outcome: "done", answer: "250 queued")
}
