import Ledger
import Orders
import Support
import Testing

@testable import Analytics
@testable import Intake

/// What an order adds to statistics, by the plainest reading of its events.
private struct PlainOrder {
    var createdMinute: Int64
    var soldMinute: Int64?
    var price: Money
    var offer: String
    var source: String
    var email: String
}

@Suite("Statistics against a plain recount of the orders")
struct StatisticsRecountTests {
    /// Random orders, a part of them sold, written as `analytics` writes them.
    private func orders(_ ledger: Ledger, _ generator: inout SeededGenerator) async throws -> [PlainOrder] {
        let planner = AnalyticsPlanner(ledger: ledger)
        let exactlyOnce = try await ExactlyOnceTests()
        var orders: [PlainOrder] = []
        var next = try await ledger.position(of: "analytics", in: partition, base: 0).next
        for number in 0..<60 {
            var order = PlainOrder(
                createdMinute: .random(in: 1_000..<9_000, using: &generator),
                price: money(
                    .random(in: 1..<500, using: &generator), ["UAH", "EUR"].randomElement(using: &generator)!),
                offer: ["o1", "o2", "o3"].randomElement(using: &generator)!,
                source: ["A", "B"].randomElement(using: &generator)!,
                email: ["x1@example.com", "X1@Example.com", "y@example.com", "z@example.com"]
                    .randomElement(using: &generator)!)
            var content = draft(price: nil, email: order.email, offer: order.offer, source: order.source)
            content.price = order.price
            var batch = [event(.created(content), order: orderID(number), minute: order.createdMinute)]
            if Int.random(in: 0..<3, using: &generator) > 0 {
                let sold = order.createdMinute + .random(in: 0..<900, using: &generator)
                order.soldMinute = sold
                batch.append(event(.paid(OrderChange()), order: orderID(number), minute: sold))
            }
            orders.append(order)
            _ = try await ledger.takeIn(exactlyOnce.intake(batch, try await planner.plan(batch), from: next))
            next += Int64(batch.count)
        }
        return orders
    }

    @Test("every figure obeys every filter and the span", arguments: 1...4)
    func figures(seed: Int) async throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let ledger = try await Ledger.made()
        let orders = try await orders(ledger, &generator)
        for _ in 0..<60 {
            let start = Int64.random(in: 0..<10_000, using: &generator)
            let span = start..<start + .random(in: 1..<10_000, using: &generator)
            var filter = StatisticsFilter(account: "acme", minutes: span)
            filter.offer = [nil, "o1", "o2", "none"].randomElement(using: &generator)!
            filter.source = [nil, "A", "B", "none"].randomElement(using: &generator)!
            let asked = orders.filter {
                (filter.offer ?? $0.offer) == $0.offer && (filter.source ?? $0.source) == $0.source
            }
            let sold = asked.filter { $0.soldMinute.map(span.contains) ?? false }
            let ordered = asked.filter { span.contains($0.createdMinute) }
            var total = Statistics()
            for (_, bucket) in try await ledger.statistics(filter) { total.add(bucket) }
            #expect(total.orders == Int64(ordered.count), "\(filter)")
            #expect(total.sales == Int64(sold.count), "\(filter)")
            #expect(total.totalOrdered == ordered.reduce(0) { $0 + $1.price.minorUnits }, "\(filter)")
            #expect(total.totalSale == sold.reduce(0) { $0 + $1.price.minorUnits }, "\(filter)")
            let buyers = Set(sold.map { $0.email.lowercased() })
            #expect(try await ledger.uniqueBuyers(filter) == buyers.count, "\(filter)")
        }
    }
}
