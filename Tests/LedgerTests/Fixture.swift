import Crypto
import Database
import Foundation
import Ledger
import Orders
import Synchronization
import Testing

/// A ledger of one test's own, with a clock that the test owns.
struct Fixture {
    static let start: Int64 = 1_780_000_000_000

    let clock: TestClock
    let ledger: Ledger
    let database: any Database
    private let folder: TemporaryFolder?

    /// - Parameter isFile: on a file that others may open too; else in memory.
    init(isFile: Bool = false, sealing: SealingKey? = nil) async throws {
        let clock = TestClock(Self.start)
        self.clock = clock
        folder = isFile ? try TemporaryFolder() : nil
        database = try SQLiteDatabase(path: folder?.file() ?? ":memory:", isDurable: false, now: clock.now)
        ledger = Ledger(database: database, sealing: sealing)
        try await ledger.migrate()
    }

    /// A second program on the same file.
    func another() throws -> Ledger {
        Ledger(database: try SQLiteDatabase(path: folder!.file(), isDurable: false, now: clock.now), sealing: nil)
    }

    /// One number, asked of the tables themselves.
    func number(_ text: String) async throws -> Int64 {
        try #require(try await database.read(Statement(text)).first?.first?.integer, "\(text)")
    }
}

final class TestClock: Sendable {
    private let time: Atomic<Int64>
    init(_ milliseconds: Int64) { time = Atomic(milliseconds) }
    var now: @Sendable () -> Int64 { { self.time.load(ordering: .relaxed) } }
    func advance(_ milliseconds: Int64) { time.wrappingAdd(milliseconds, ordering: .relaxed) }
}

final class TemporaryFolder: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "orderrelay-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    func file() -> String { "\(path)/ledger.db" }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

let partition = LogPartition(cluster: "c", topic: "orders", partition: 3)

func orderID(_ number: Int) -> OrderID { OrderID(String(format: "%024x", number))! }

/// An event of order `number`: its creation, or a later update told apart by `update`.
func event(_ number: Int, update: Int? = nil, account: String = "acme", at time: Int64 = Fixture.start) -> Event {
    let order = orderID(number)
    let content: Event.Content
    if let update {
        content = .updated(OrderChange(userComments: "update \(update)"))
    } else {
        var draft = OrderDraft(locale: .uk)
        draft.title = "Order \(number)"
        draft.price = Money(minorUnits: 12_300, currency: Currency("UAH")!)
        draft.buyer = Buyer(name: "Олена", email: "Olena@example.org", phone: "+380501234567")
        content = .created(draft)
    }
    let id = update.map { EventID.later(order, .updated, .idempotencyKey("\($0)")).text } ?? EventID.created(order).text
    return Event(
        id: id, account: account, order: order, time: Timestamp(milliseconds: time), traceparent: nil, content: content)
}

func entry(_ event: Event, at offset: Int64, _ disposition: Disposition) -> IntakeEntry {
    IntakeEntry(
        offset: offset, event: event, id: event.id, key: event.order.text, time: event.time, disposition: disposition)
}

/// Events planned for one destination each, one after another from `from`.
func batch(
    _ events: [Event], to destination: String = "email", from: Int64 = 0, owner: String = "a",
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
