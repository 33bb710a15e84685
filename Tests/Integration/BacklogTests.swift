import Database
import Delivery
import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Support
import Testing

/// One shop's receiver was away, and a worker has all of its orders in the ledger when other shops' orders come. In the long
/// form, `ORDERRELAY_LONG=1`, a hundred thousand of them, for a minute.
@Suite("One shop's backlog", .serialized, .timeLimit(.minutes(20))) struct BacklogTests {
    private static let backlog = isLongForm ? 100_000 : 5_000
    private static let shops = 40
    private static let perSecond = 100
    private static let seconds = isLongForm ? 60 : 4

    @Test(
        "holds no other shop up: 99 of 100 of their orders are done within ten seconds of their acceptance",
        arguments: LedgerMaker.shared)
    func others(maker: LedgerMaker) async throws {
        let folder = try TemporaryFolder("backlog")
        let url = try await maker.url() ?? "sqlite:\(folder.file())"
        let bench = try await WorkerBench(url: url)
        let isAway = Shared(true)
        let attempted = Shared(0)
        let busy = ShopPlanner.destination(of: Self.busy)
        let worker = bench.worker(ShopPlanner()) { destination in
            if destination == busy { return isAway.now ? nil : Receiver {} }
            return Receiver { attempted.change { $0 += 1 } }
        }
        try await worker.start()
        for start in stride(from: 0, to: Self.backlog, by: 1_000) {
            try await bench.publish((start..<min(Self.backlog, start + 1_000)).map { Self.order($0, of: Self.busy) })
        }
        try await eventually("the backlog is in the ledger", within: .seconds(600)) {
            try await bench.positions("crm").next == Self.backlog
        }
        #expect(try await bench.states("crm", busy) == [.pending: Int64(Self.backlog)])

        isAway.now = false
        try await eventually("the backlog is worked off") { try await (bench.states("crm", busy)[.done] ?? 0) > 0 }
        let count = Self.perSecond * Self.seconds
        let began = ContinuousClock.now
        for start in stride(from: 0, to: count, by: Self.perSecond / 10) {
            try await Task.sleep(until: began + .milliseconds(start * 1_000 / Self.perSecond), clock: .continuous)
            let numbers = start..<start + Self.perSecond / 10
            try await bench.publish(numbers.map { Self.order(Self.backlog + $0, of: "shop\($0 % Self.shops)") })
        }
        let database = try Databases(url: url, options: PostgreSQLOptions(name: "test"), now: { 0 }).open()
        let delays = Statement(
            """
            SELECT h.changed_at - e.happened_at FROM events AS e
            CROSS JOIN history AS h
            WHERE h.key = e.key AND h.event_id = e.event_id AND h.worker = e.worker AND e.account <> $1 ORDER BY 1
            """, [.text(Self.busy)])
        try await eventually("the others' orders are attempted", within: .seconds(120)) { attempted.now >= count }
        try await eventually("the others' orders are done") { try await database.read(delays).count == count }
        let left = try await bench.states("crm", busy)
        let milliseconds = try await database.read(delays).compactMap { $0[0].integer }
        let percentile = milliseconds[(count * 99 - 1) / 100]
        print(
            "beside \(Self.backlog) orders of one shop on \(maker.kind), \(left[.done] ?? 0) of them done: p50 "
                + "\(milliseconds[count / 2]) ms, p99 \(percentile) ms, longest \(milliseconds[count - 1]) ms")
        #expect(percentile <= 10_000)
        #expect(
            (left[.pending] ?? 0) > 0 && (left[.done] ?? 0) > 0, "the backlog was not worked off meanwhile: \(left)")
        await worker.stop(by: .now + .seconds(8))
        for closing in [database.close, bench.ledger.close] { await closing() }
    }

    private static let busy = "busy"

    private static func order(_ number: Int, of account: String) -> Event {
        event(number, account: account, at: SystemTime().wall)
    }
}

/// Each shop has a receiver of its own.
private struct ShopPlanner: Planner {
    let worker = "crm"
    let topics = ["orders"]
    static func destination(of account: String) -> Destination { Destination("crm/\(account)") }
    func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
        events.map { Plan(.planned([PlannedDelivery(destination: Self.destination(of: $0.event.account))])) }
    }
}

/// Takes 5 ms for an order, four at once.
private struct Receiver: Adapter {
    let kind = "email"
    let timeout = Duration.seconds(10)
    let concurrency = 4
    let noted: @Sendable () -> Void
    init(_ noted: @escaping @Sendable () -> Void) { self.noted = noted }
    func attempt(_ attempt: Attempt) async -> Outcome {
        try? await Task.sleep(for: .milliseconds(5))
        noted()
        return .done(answer: "200", receipt: [:])
    }
}
