import Ledger
import Orders
import Support
import Testing

@testable import Analytics
@testable import Intake

@Suite("Counting into the ledger")
struct ExactlyOnceTests {
    let ledger: Ledger

    init() async throws {
        ledger = try await .made()
    }

    func intake(_ batch: [PlannableEvent], _ plans: [Plan], from: Int64) -> IntakeBatch {
        let entries = zip(batch, plans).enumerated().map { index, pair in
            let (event, plan) = pair
            return IntakeEntry(
                offset: from + Int64(index), event: event.event.encoded(), id: "e\(from + Int64(index))",
                key: event.event.order.text, time: event.event.time, disposition: plan.disposition)
        }
        return IntakeBatch(
            worker: "analytics", source: partition, owner: "test", from: from, next: from + Int64(batch.count),
            entries: entries, changes: plans.flatMap(\.changes))
    }

    @Test("random histories come to the naive count, though batches are taken in by two at once", arguments: 1...6)
    func random(seed: Int) async throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        var reference = ReferenceCount()
        let planner = AnalyticsPlanner(ledger: ledger)
        var next = try await ledger.position(of: "analytics", in: partition, base: 0).next
        var minute: Int64 = 1000
        for _ in 0..<20 {
            var batch: [PlannableEvent] = []
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                minute += .random(in: 0...2, using: &generator)
                batch.append(ReferenceCountTests.randomEvent(&generator, minute: minute))
            }
            batch.forEach { reference.see($0.event) }
            let intake = intake(batch, try await planner.plan(batch), from: next)
            _ = try await ledger.takeIn(intake)
            // Another process that planned the same records from the same rows comes too late and changes nothing.
            let late = await #expect(throws: LedgerError.self) { try await ledger.takeIn(intake) }
            #expect(late?.code == .fenced)
            next = intake.next
        }
        let counted = try await ledger.statistics(StatisticsFilter(account: "acme", minutes: 0..<10_000))
        let expected = reference.buckets.filter { $0.value != Statistics() }
        let found = Dictionary(
            uniqueKeysWithValues: counted.filter { $0.value != Statistics() }.map { (name($0.key), $0.value) })
        #expect(found == Dictionary(uniqueKeysWithValues: expected.map { (name($0.key), $0.value) }))
        #expect(counted.map(\.value.sales).reduce(0, +) == Int64(reference.saleCount))
        #expect(!expected.isEmpty)
        // All random orders have one buyer.
        let span = StatisticsFilter(account: "acme", minutes: 0..<10_000)
        #expect(try await ledger.uniqueBuyers(span) == (reference.saleCount > 0 ? 1 : 0))
    }

    /// Without the partition: statistics come summed over them.
    private func name(_ key: StatisticsKey) -> String { "\(key.currency) \(key.offer) \(key.source) \(key.minute)" }

    @Test("a row of the ledger is the order that it shows, sale and all")
    func rows() async throws {
        let planner = AnalyticsPlanner(ledger: ledger)
        let position = try await ledger.position(of: "analytics", in: partition, base: 0).next
        let change = OrderChange(price: money(7, "EUR"), paymentDate: Timestamp(milliseconds: 5), userComments: "ok")
        let batch = [event(.created(draft(price: 500, offer: "o")), minute: 42), event(.paid(change), minute: 43)]
        let plans = try await planner.plan(batch)
        _ = try await ledger.takeIn(intake(batch, plans, from: position))
        let row = try #require(try await ledger.orders([orderID(1)])[orderID(1)])
        #expect(OrderState(row) == OrderState.folding(batch.map(\.event)))
        #expect(row.soldAt != nil && row.paymentDate != nil && row.userComments == "ok")
    }
}
