import Database
import Orders
import Support
import Testing

@testable import Ledger

@Suite("What callers see") struct ReadModelTests {
    /// What each test begins with.
    struct Bench {
        let fixture: Fixture
        var ledger: Ledger { fixture.ledger }

        init(_ maker: LedgerMaker) async throws {
            fixture = try await Fixture(maker)
            _ = try await fixture.ledger.position(of: "analytics", in: partition, base: 0)
        }

        /// Takes changes in with one record at the position.
        func change(_ changes: [ReadModelChange]) async throws {
            let next = try await ledger.position(of: "analytics", in: partition)!.next
            var batch = batch([event(Int(next))], from: next, worker: "analytics")
            batch.entries[0].disposition = .planned([])
            batch.changes = changes
            _ = try await ledger.takeIn(batch)
        }

        func row(_ number: Int, _ edit: (inout OrderRow) -> Void = { _ in }) -> OrderRow {
            guard case .created(var draft) = event(number).content else { fatalError() }
            draft.externalID = "shop-\(number)"
            let created = Timestamp(milliseconds: Fixture.start + Int64(number) * 1_000)
            var row = OrderRow(
                id: orderID(number), account: "acme", draft: draft, creation: [], status: .pending, price: draft.price,
                createdAt: created,
                updatedAt: created)
            edit(&row)
            row.creation = creation(row.draft)
            return row
        }
    }

    @Test("an order's row comes back as it was put, and is replaced by the next", arguments: LedgerMaker.all)
    func rowRoundTrip(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        let first = bench.row(1)
        try await bench.change([.order(first)])
        #expect(try await ledger.order(orderID(1), account: "acme") == first)
        #expect(try await ledger.order(orderID(1), account: "other") == nil)
        #expect(try await ledger.order(orderID(2), account: "acme") == nil)
        let second = bench.row(1) {
            $0.status = .success
            $0.paymentDate = Timestamp(milliseconds: 5)
            $0.soldAt = Timestamp(milliseconds: 6)
            $0.userComments = "дякую"
            $0.price = nil
            $0.draft.price = nil
            $0.draft.items = [Item(title: "Курс", quantity: 2, price: Money(minorUnits: 5, currency: Currency("JPY")!))]
        }
        try await bench.change([.order(first), .order(second)])
        #expect(try await ledger.orders([orderID(1), orderID(2)]) == [orderID(1): second])
    }

    @Test(
        "orders are found by time, status, number and e-mail, newest first, with both counts",
        arguments: LedgerMaker.all)
    func filters(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        try await bench.change(
            (1...30).map { number in
                .order(
                    bench.row(number) {
                        $0.status = number % 3 == 0 ? .success : .pending
                        if number == 7 { $0.draft.buyer.email = "Other@example.org" }
                        if number == 30 { $0.account = "other" }
                    })
            })
        var filter = OrderFilter(account: "acme")
        filter.limit = 5
        filter.offset = 1
        let page = try await ledger.orders(filter)
        #expect(page.rows.map(\.id) == [28, 27, 26, 25, 24].map(orderID))
        #expect(page.filteredCount == 29 && page.totalCount == 29)
        filter.offset = 0
        filter.status = .success
        filter.from = bench.row(6).createdAt
        filter.to = bench.row(15).createdAt
        let successes = try await ledger.orders(filter)
        #expect(successes.rows.map(\.id) == [12, 9, 6].map(orderID))
        #expect(successes.filteredCount == 3 && successes.totalCount == 29)
        var byNumber = OrderFilter(account: "acme")
        byNumber.externalID = "shop-4"
        #expect(try await ledger.orders(byNumber).rows.map(\.id) == [orderID(4)])
        byNumber.email = "nobody@example.org"
        #expect(try await ledger.orders(byNumber).rows.isEmpty)
        var byMail = OrderFilter(account: "acme")
        byMail.email = "other@EXAMPLE.org"
        #expect(try await ledger.orders(byMail).rows.map(\.id) == [orderID(7)])
    }

    @Test(
        "a page after an order goes on where the last one ended, by creation and by change", arguments: LedgerMaker.all)
    func pages(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        // Changed in another order than created, and three at a time in the same millisecond.
        func row(_ number: Int) -> OrderRow {
            bench.row(number) {
                $0.updatedAt = Timestamp(
                    milliseconds: $0.createdAt.milliseconds + Int64((number * 7 % 20) / 3) * 60_000_000)
            }
        }
        let rows = (1...20).map(row)
        try await bench.change(rows.map { .order($0) })
        var changed = OrderFilter(account: "acme")
        changed.sort = .updated
        changed.updatedFrom = row(9).updatedAt
        let page = try await bench.ledger.orders(changed)
        let wanted = rows.filter { $0.updatedAt >= row(9).updatedAt }
        #expect(Set(page.rows.map(\.id)) == Set(wanted.map(\.id)) && page.filteredCount == wanted.count)
        #expect(1..<20 ~= wanted.count)
        for sort in OrderFilter.Sort.allCases {
            let expected = rows.sorted { one, other in
                let (first, second) =
                    sort == .created ? (one.createdAt, other.createdAt) : (one.updatedAt, other.updatedAt)
                return (first.milliseconds, one.id.text) > (second.milliseconds, other.id.text)
            }
            var filter = OrderFilter(account: "acme")
            filter.sort = sort
            filter.limit = 3
            var seen: [OrderRow] = []
            while true {
                let page = try await bench.ledger.orders(filter)
                seen += page.rows
                guard let last = page.rows.last else { break }
                filter.after = last
                // What is added meanwhile is newer, and moves nothing.
                let newer = bench.row(100 + seen.count) { $0.updatedAt = $0.createdAt }
                try await bench.change([.order(newer)])
            }
            #expect(seen.map(\.id).filter(rows.map(\.id).contains) == expected.map(\.id), "\(sort)")
            #expect(sort == .updated || seen.count == 20)
        }
    }

    @Test("statistics add up over batches and partitions, in buckets by minute", arguments: LedgerMaker.all)
    func statistics(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        func key(_ minute: Int64, _ part: Int32 = 0, _ currency: String = "UAH", offer: String = "o1") -> StatisticsKey
        {
            StatisticsKey(
                account: "acme", currency: currency, offer: offer, source: "s", minute: minute, partition: part)
        }
        var one = Statistics()
        one.orders = 1
        one.totalOrdered = 100
        var sale = Statistics()
        sale.sales = 1
        sale.totalSale = 90
        try await bench.change([
            .count(key(10), one), .count(key(10), one), .count(key(11), one), .count(key(10), sale),
        ])
        try await bench.change([
            .count(key(10, 1), one), .count(key(10, 0, "EUR"), one), .count(key(10, offer: "o2"), one),
        ])
        let all = try await ledger.statistics(StatisticsFilter(account: "acme", minutes: 10..<12))
        #expect(all.map(\.key.minute) == [10, 10, 10, 11])
        #expect(all.map(\.key.currency) == ["EUR", "UAH", "UAH", "UAH"])
        #expect(all.map(\.value.orders) == [1, 3, 1, 1] && all.map(\.value.sales) == [0, 1, 0, 0])
        #expect(all[1].value.totalOrdered == 300 && all[1].value.totalSale == 90)
        var filter = StatisticsFilter(account: "acme", minutes: 10..<11)
        filter.offer = "o2"
        #expect(try await ledger.statistics(filter).map(\.value.orders) == [1])
        #expect(try await ledger.statistics(StatisticsFilter(account: "other", minutes: 0..<100)).isEmpty)
    }

    @Test("a buyer is counted once in any span, of the offer and source asked for only", arguments: LedgerMaker.all)
    func buyers(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        func bought(_ buyer: String, _ minute: Int64, offer: String = "-", source: String = "-") -> ReadModelChange {
            .buyer(SaleBuyer(account: "acme", offer: offer, source: source, minute: minute, buyer: buyer))
        }
        try await bench.change([
            bought("x", 1), bought("x", 1), bought("x", 2, source: "B"), bought("y", 2, offer: "o"), bought("z", 9),
        ])
        try await bench.change([bought("x", 1)])
        func count(_ minutes: Range<Int64>, offer: String? = nil, source: String? = nil, account: String = "acme")
            async throws -> Int
        {
            var filter = StatisticsFilter(account: account, minutes: minutes)
            (filter.offer, filter.source) = (offer, source)
            return try await ledger.uniqueBuyers(filter)
        }
        #expect(try await count(1..<3) == 2)
        #expect(try await count(2..<10) == 3)
        #expect(try await count(0..<10, account: "other") == 0)
        #expect(try await count(0..<10, source: "B") == 1)
        #expect(try await count(0..<2, source: "B") == 0)
        #expect(try await count(0..<10, offer: "o", source: "-") == 1)
        #expect(try await count(0..<10, source: "C") == 0)
    }

    @Test("the states of an order's deliveries are told by worker and destination", arguments: LedgerMaker.all)
    func deliveryStates(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        _ = try await ledger.position(of: "confirmations", in: partition, base: 0)
        let leased = try await ledger.takeIn(batch([event(1), event(2), event(2, update: 1)], room: 2))
        _ = try await ledger.complete([completion(leased[0])], owner: "a")
        let states = try await ledger.deliveryStates(of: [orderID(1), orderID(2), orderID(3)])
        #expect(states[orderID(1)]?.map(\.state) == [.done])
        #expect(states[orderID(2)]?.map(\.destination) == ["email"] && states[orderID(2)]?.map(\.state) == [.pending])
        #expect(states[orderID(3)] == nil)
    }

    @Test("counting is exactly-once: a batch that the fence refuses changes no statistics", arguments: LedgerMaker.all)
    func exactlyOnce(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        let key = StatisticsKey(account: "acme", currency: "-", offer: "", source: "", minute: 1, partition: 3)
        var one = Statistics()
        one.orders = 1
        var first = batch([event(1)], worker: "analytics")
        first.entries[0].disposition = .planned([])
        first.changes = [.count(key, one), .order(bench.row(1))]
        _ = try await ledger.takeIn(first)
        await expect(.fenced) { try await ledger.takeIn(first) }
        #expect(try await ledger.statistics(.init(account: "acme", minutes: 0..<9)).map(\.value.orders) == [1])
    }
}
