import Ledger
import Orders
import Testing

@testable import Analytics
@testable import Intake

@Suite("Counting orders")
struct AnalyticsPlannerTests {
    /// Plans and writes one batch after another.
    func books(_ batches: [PlannableEvent]...) async throws -> Books {
        var books = Books()
        for batch in batches {
            let rows = books.rows
            let plans = try await AnalyticsPlanner { ids in rows.filter { ids.contains($0.key) } }.plan(batch)
            #expect(plans.count == batch.count)
            books.write(plans)
        }
        return books
    }

    @Test("an order is counted in the minute of its creation, by currency, offer and source")
    func created() async throws {
        let books = try await books([event(.created(draft(price: 500, offer: "o1", source: "shop")), minute: 42)])
        #expect(
            books.buckets == [
                key("UAH", minute: 42, offer: "o1", source: "shop"): statistics(orders: 1, totalOrdered: 500)
            ])
        #expect(books.rows[orderID(1)]?.status == .pending)
        #expect(books.buyers.isEmpty)
    }

    @Test("an order's row keeps the value of the event that created it, whatever comes later")
    func creation() async throws {
        let created = event(.created(draft(price: 500)))
        let later = [event(.paid(OrderChange(price: money(7)))), event(.created(draft(price: 1)))]
        for batches in [[[created] + later], [[created], later]] {
            var books = Books()
            for batch in batches {
                let rows = books.rows
                books.write(try await AnalyticsPlanner { _ in rows }.plan(batch))
            }
            let row = try #require(books.rows[orderID(1)])
            #expect(row.creation == created.value && row.draft.price == money(500) && row.price == money(7))
        }
    }

    @Test("an order without a price is counted, not summed")
    func noPrice() async throws {
        let books = try await books([event(.created(draft(price: nil)), minute: 42)])
        #expect(books.buckets == [key("-", minute: 42): statistics(orders: 1)])
    }

    @Test("a sale is the first change to SUCCESS, by payment or update, and happens once")
    func sales() async throws {
        let success = OrderChange(status: .success)
        for first in [Event.Content.paid(OrderChange()), .updated(success)] {
            let books = try await books(
                [event(.created(draft(price: 500)), minute: 42)],
                [event(first, minute: 50), event(.paid(OrderChange()), minute: 51)],
                [event(.updated(success), minute: 60)])
            #expect(
                books.buckets == [
                    key("UAH", minute: 42): statistics(orders: 1, totalOrdered: 500),
                    key("UAH", minute: 50): statistics(sales: 1, totalSale: 500),
                ])
            #expect(books.buyers.count == 1)
            #expect(books.rows[orderID(1)]?.soldAt == Timestamp(milliseconds: 50 * 60_000 + 7))
        }
    }

    @Test("a sale that fails or is refunded stays one, and does not become another")
    func refunded() async throws {
        let books = try await books(
            [event(.created(draft(price: 500)), minute: 42), event(.paid(OrderChange()), minute: 50)],
            [event(.refunded(OrderChange()), minute: 55), event(.paid(OrderChange()), minute: 59)])
        #expect(
            books.buckets == [
                key("UAH", minute: 42): statistics(orders: 1, totalOrdered: 500),
                key("UAH", minute: 50): statistics(sales: 1, totalSale: 500),
            ])
        #expect(books.rows[orderID(1)]?.status == .success)
    }

    @Test("a later event of a batch sees what an earlier one did")
    func withinBatch() async throws {
        let events = [
            event(.created(draft(price: 500)), minute: 42),
            event(.updated(OrderChange(price: money(700))), minute: 43),
            event(.paid(OrderChange(paymentDate: Timestamp(milliseconds: 1))), minute: 44),
        ]
        let together = try await books(events)
        let apart = try await books([events[0]], [events[1]], [events[2]])
        #expect(together.buckets == apart.buckets)
        #expect(together.rows == apart.rows)
        #expect(
            together.buckets == [
                key("UAH", minute: 42): statistics(orders: 1, totalOrdered: 700),
                key("UAH", minute: 44): statistics(sales: 1, totalSale: 700),
            ])
    }

    @Test("a price in another currency moves the order there; different currencies are never summed")
    func currencies() async throws {
        let books = try await books(
            [
                event(.created(draft(price: 500)), minute: 42),
                event(.created(draft(price: 3)), order: orderID(2), minute: 42),
            ],
            [event(.updated(OrderChange(price: money(20, "EUR"))), minute: 43)])
        #expect(
            books.buckets == [
                key("UAH", minute: 42): statistics(orders: 1, totalOrdered: 3),
                key("EUR", minute: 42): statistics(orders: 1, totalOrdered: 20),
            ])
    }

    @Test("buyers are distinguished by e-mail in any case, and those without any address by their orders")
    func buyers() async throws {
        let books = try await books([
            event(.created(draft(price: 1, email: "A@b.ua")), order: orderID(1)),
            event(.created(draft(price: 1, email: "a@b.ua")), order: orderID(2)),
            event(.created(draft(price: 1, email: nil)), order: orderID(3)),
            event(.created(draft(price: 1, email: nil)), order: orderID(4)),
            event(.paid(OrderChange()), order: orderID(1)), event(.paid(OrderChange()), order: orderID(2)),
            event(.paid(OrderChange()), order: orderID(3)), event(.paid(OrderChange()), order: orderID(4)),
        ])
        #expect(books.buyers.count == 3)
        #expect(books.buyers.allSatisfy { !$0.buyer.contains("@") })
    }

    @Test("a conflict is parked at a destination of its own and counts nothing")
    func conflict() async throws {
        let plans = try await AnalyticsPlanner { _ in [:] }.plan([
            event(.created(draft(price: 500))), event(.created(draft(price: 900)), isConflict: true),
        ])
        #expect(plans[1].changes.isEmpty)
        #expect(plans[1].disposition == .planned([PlannedDelivery(destination: "conflict", parked: "conflict")]))
        #expect(plans[0].disposition == .planned([]))
    }

    @Test("a change of an order that nobody knows, or that is another account's, is skipped and says so")
    func unknownOrder() async throws {
        let plans = try await AnalyticsPlanner { _ in [:] }.plan([
            event(.paid(OrderChange())), event(.created(draft(price: 500))),
            event(.paid(OrderChange()), account: "other"), event(.created(draft(price: 500))),
        ])
        #expect(
            plans.map(\.disposition) == [
                .skipped(reason: "a change of an unknown order"), .planned([]),
                .skipped(reason: "the order belongs to another account"), .skipped(reason: "the order exists already"),
            ])
        #expect(plans[0].changes.isEmpty && plans[2].changes.isEmpty && plans[3].changes.isEmpty)
    }

    @Test("where the rows cannot be asked for, nothing is planned")
    func ledgerAway() async {
        struct Away: Error {}
        await #expect(throws: Away.self) {
            try await AnalyticsPlanner { _ in throw Away() }.plan([event(.paid(OrderChange()))])
        }
    }
}
