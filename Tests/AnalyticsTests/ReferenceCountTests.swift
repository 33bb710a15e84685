import Ledger
import Orders
import Support
import Testing

@testable import Analytics
@testable import Intake

/// Counts by looking at each order's whole history at once, with nothing of the code under test.
struct ReferenceCount {
    private struct Order {
        var draft: OrderDraft
        var createdMinute: Int64
        var soldMinute: Int64?
        var price: Money?
    }

    private var orders: [OrderID: Order] = [:]

    mutating func see(_ event: Event) {
        let minute = event.time.milliseconds / 60_000
        switch event.content {
        case .created(let draft):
            guard orders[event.order] == nil else { return }
            orders[event.order] = Order(draft: draft, createdMinute: minute, price: draft.price)
        case .updated(let change):
            if let price = change.price { orders[event.order]?.price = price }
            if change.status == .success { sell(event.order, minute) }
        case .paid(let change):
            if let price = change.price { orders[event.order]?.price = price }
            if change.status == nil || change.status == .success { sell(event.order, minute) }
        case .refunded(let change):
            if let price = change.price { orders[event.order]?.price = price }
        }
    }

    private mutating func sell(_ id: OrderID, _ minute: Int64) {
        if orders[id]?.soldMinute == nil { orders[id]?.soldMinute = minute }
    }

    /// How many orders became sales.
    var saleCount: Int { orders.values.count { $0.soldMinute != nil } }

    var buckets: [StatisticsKey: Statistics] {
        var buckets: [StatisticsKey: Statistics] = [:]
        for order in orders.values {
            let currency = order.price?.currency.code ?? "-"
            let amount = order.price?.minorUnits ?? 0
            func bucketKey(_ minute: Int64) -> StatisticsKey {
                key(currency, minute: minute, offer: order.draft.offerID ?? "-", source: order.draft.source ?? "-")
            }
            buckets[bucketKey(order.createdMinute), default: Statistics()].orders += 1
            buckets[bucketKey(order.createdMinute), default: Statistics()].totalOrdered += amount
            guard let sold = order.soldMinute else { continue }
            buckets[bucketKey(sold), default: Statistics()].sales += 1
            buckets[bucketKey(sold), default: Statistics()].totalSale += amount
        }
        return buckets
    }
}

@Suite("Counting against a naive count")
struct ReferenceCountTests {
    static func randomEvent(_ generator: inout SeededGenerator, minute: Int64) -> PlannableEvent {
        let order = orderID(Int.random(in: 0..<20, using: &generator))
        let price: Money? =
            Bool.random(using: &generator)
            ? money(.random(in: 0..<1000, using: &generator), ["UAH", "EUR", "JPY"].randomElement(using: &generator)!)
            : nil
        let change = OrderChange(
            status: [nil, nil, .success, .failed, .refunded].randomElement(using: &generator)!, price: price)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0...2:
            var content = draft(
                price: nil, offer: ["o1", "o2", nil].randomElement(using: &generator)!,
                source: ["shop", nil].randomElement(using: &generator)!)
            content.price = price
            return event(.created(content), order: order, minute: minute)
        case 3...5: return event(.updated(change), order: order, minute: minute)
        case 6: return event(.paid(change), order: order, minute: minute)
        default: return event(.refunded(change), order: order, minute: minute)
        }
    }

    @Test(
        "random histories in random batches come to the naive count, also when batches are planned twice",
        arguments: 1...40)
    func random(seed: Int) async throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        var books = Books()
        var reference = ReferenceCount()
        var minute: Int64 = 1000
        for _ in 0..<30 {
            var batch: [PlannableEvent] = []
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                minute += .random(in: 0...2, using: &generator)
                batch.append(Self.randomEvent(&generator, minute: minute))
            }
            batch.forEach { reference.see($0.event) }
            let rows = books.rows
            let planner = AnalyticsPlanner { ids in rows.filter { ids.contains($0.key) } }
            // A batch whose transaction failed is planned again: planning itself leaves nothing behind.
            _ = try await planner.plan(batch)
            books.write(try await planner.plan(batch))
        }
        let expected = reference.buckets.filter { $0.value != Statistics() }
        let keys = Set(expected.keys).union(books.buckets.keys)
        let differing = keys.filter { expected[$0] != books.buckets[$0] }
        #expect(differing.isEmpty, "\(differing.prefix(3))")
        #expect(!expected.isEmpty)
    }
}
