import Access
import HTTP
import Ledger
import Orders
import Synchronization
import Support
import Testing

@testable import Ingest

@Suite("Questions answered as asked")
struct QuestionTests {
    private static let minute = Fixture.now.minute

    /// Sales as `analytics` notes them, and orders to be listed.
    private func shop() async throws -> Fixture {
        let shop = try await Fixture()
        let partition = LogPartition(cluster: "c", topic: "orders", partition: 0)
        _ = try await shop.ledger.position(of: "analytics", in: partition, base: 0)
        var changes: [ReadModelChange] = []
        for (source, buyer) in [("A", "x"), ("A", "x"), ("B", "x"), ("B", "y")] {
            changes.append(
                .buyer(SaleBuyer(account: "shop", offer: "o", source: source, minute: Self.minute - 5, buyer: buyer)))
        }
        var draft = OrderDraft(locale: .uk)
        draft.transactionDate = Timestamp(milliseconds: Fixture.now.milliseconds - 86_400_000)
        var row = OrderRow(
            id: OrderID(account: "shop", .external(id: "1", source: nil)), account: "shop", draft: draft,
            creation: creation(draft),
            status: .success, price: nil, createdAt: Timestamp(milliseconds: Fixture.now.milliseconds - 90_000_000),
            updatedAt: Fixture.now)
        row.paymentDate = Fixture.now
        var one = Statistics()
        one.orders = 1
        changes += [
            .order(row),
            .count(
                StatisticsKey(
                    account: "shop", currency: "-", offer: "o", source: "A", minute: row.createdAt.minute, partition: 0),
                one),
        ]
        _ = try await shop.ledger.takeIn(
            IntakeBatch(
                worker: "analytics", source: partition, owner: "a", from: 0, next: 0, entries: [], changes: changes))
        return shop
    }

    @Test("uniqSales counts the buyers of the source and the offer that are asked for")
    func uniqueSales() async throws {
        let shop = try await shop()
        for (query, count) in [("", 2), ("?source=A", 1), ("?source=B", 2), ("?source=C", 0), ("?offerId=o", 2)] {
            let answer = await shop.send(.get, "/api/v2/stats\(query)")
            #expect(answer.text.contains("\"uniqSales\":\(count),"), "\(query): \(answer.text)")
        }
    }

    @Test(
        "a date alone is the account's day, wherever the account is and whatever its clocks do",
        arguments: [
            ("Europe/Kyiv", "2026-11-28", "2026-11-27T22:00:00.000Z"),
            ("Europe/Kyiv", "2026-07-01", "2026-06-30T21:00:00.000Z"),
            ("Europe/Kyiv", "2026-03-29", "2026-03-28T22:00:00.000Z"),
            ("America/Los_Angeles", "2026-11-28", "2026-11-28T08:00:00.000Z"),
            ("Asia/Kolkata", "2026-11-28", "2026-11-27T18:30:00.000Z"),
            ("Pacific/Kiritimati", "2026-11-28", "2026-11-27T10:00:00.000Z"),
            // Its clocks go on at midnight: that day begins at 01:00.
            ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00.000Z"),
        ])
    func days(zone: String, date: String, start: String) async throws {
        let shop = try await Fixture()
        shop.control.accounts.withLock { $0["shop"]?.timeZone = zone }
        let end = "2026-12-31T00:00:00Z"
        let answer = await shop.send(.get, "/api/v2/stats?by=day&from=\(date)&to=\(end)")
        #expect(answer.member("from") == start, "\(answer.text)")
    }

    @Test(
        "a wrong date is refused, saying what is expected", arguments: ["2026-13-01", "yesterday", "2026-11-27 0200"])
    func wrong(text: String) async throws {
        let shop = try await Fixture()
        let answer = await shop.send(.get, "/api/v2/orders?from=\(text.replacing(" ", with: "+"))")
        #expect(answer.status == 422 && answer.text.contains("WRONG_FROM"), "\(answer.text)")
    }

    @Test(
        "every instant that an answer prints is taken by every parameter, as it stands there",
        arguments: [
            "Europe/Kyiv", "America/Los_Angeles", "Asia/Kolkata", "UTC",
        ])
    func ownInstants(zone: String) async throws {
        let shop = try await shop()
        shop.control.accounts.withLock { $0["shop"]?.timeZone = zone }
        var printed: Set<String> = []
        for path in ["/stats?by=day", "/stats?by=hour", "/stats?by=minute&from=2026-09-20", "/orders", "/me"] {
            let answer = await shop.send(.get, "/api/v2\(path)")
            #expect(answer.status == 200)
            for text in answer.text.matches(of: /"(\d{4}-\d\d-\d\dT[^"]*)"/) { printed.insert(String(text.1)) }
        }
        #expect(printed.count >= 5, "\(printed)")
        for instant in printed {
            let expected = try #require(Timestamp(iso8601: instant))
            for path in ["/stats?by=day&from=", "/stats?by=minute&to=", "/orders?from=", "/orders?to="] {
                let answer = await shop.send(.get, "/api/v2\(path)\(instant)")
                #expect(answer.status == 200 || answer.text.contains("WRONG_SPAN"), "\(path)\(instant): \(answer.text)")
                if path.hasPrefix("/stats"), answer.status == 200 {
                    let member = answer.member(path.hasSuffix("from=") ? "from" : "to")
                    #expect(member.flatMap { Timestamp(iso8601: $0) }?.minute == expected.minute)
                }
            }
        }
    }

    @Test("many parameters get an answer", arguments: [1, 100, 250])
    func manyParameters(count: Int) async throws {
        let served = try await ServedFixture()
        let query = (0..<count).map { "filter%5Bname\($0)%5D=value\($0)" }.joined(separator: "&")
        let answer = try await served.send(
            "GET /api/v2/stats?by=day&\(query)&source=C HTTP/1.1", ["Authorization: Bearer \(served.shop.token.text)"])
        #expect(answer.status == 200)
        await served.stop()
    }

    /// Ids of the orders in an answer, in their order.
    private static func ids(_ text: String) -> [String] {
        text.matches(of: /"id":"([0-9a-f]{24})"/).map { String($0.1) }
    }

    @Test("a list goes on after an order, is sorted by change on demand, and is an array alone if it shall be bare")
    func lists() async throws {
        let shop = try await Fixture()
        let partition = LogPartition(cluster: "c", topic: "orders", partition: 0)
        _ = try await shop.ledger.position(of: "analytics", in: partition, base: 0)
        let draft = OrderDraft(locale: .uk)
        // The later created, the earlier changed.
        let rows = (1...4).map { number in
            OrderRow(
                id: OrderID(account: "shop", .external(id: "\(number)", source: nil)), account: "shop", draft: draft,
                creation: creation(draft), status: .pending, price: nil,
                createdAt: Timestamp(milliseconds: Fixture.now.milliseconds + Int64(number) * 1_000),
                updatedAt: Timestamp(milliseconds: Fixture.now.milliseconds + 10_000 - Int64(number) * 1_000))
        }
        _ = try await shop.ledger.takeIn(
            IntakeBatch(
                worker: "analytics", source: partition, owner: "a", from: 0, next: 0, entries: [],
                changes: rows.map { .order($0) }))
        let ids = rows.map(\.id.text)
        func listed(_ query: String) async -> [String] {
            Self.ids(await shop.send(.get, "/api/v2/orders?\(query)").text)
        }
        #expect(await listed("") == Array(ids.reversed()))
        #expect(await listed("limit=2&after=\(ids[2])") == [ids[1], ids[0]])
        #expect(await listed("after=\(ids[0])").isEmpty)
        #expect(await listed("sort=updated&limit=2&after=\(ids[1])") == [ids[2], ids[3]])
        #expect(await listed("updatedFrom=\(rows[1].updatedAt.iso8601)") == [ids[0], ids[1]])
        let bare = await shop.send(.get, "/api/v2/orders?bare=1&limit=2")
        #expect(
            bare.text.hasPrefix("[{") && bare.text.hasSuffix("}]") && Self.ids(bare.text).count == 2, "\(bare.text)")
        #expect(await shop.send(.get, "/api/v2/orders?bare=1&email=nobody@example.com").text == "[]")
        for (query, code) in [
            ("after=x", "WRONG_AFTER"), ("after=000000000000000000000000", "WRONG_AFTER"), ("sort=price", "WRONG_SORT"),
            ("sort=created&updatedFrom=2026-11-24", "WRONG_SORT"), ("bare=maybe", "WRONG_BARE"),
        ] {
            let answer = await shop.send(.get, "/api/v2/orders?\(query)")
            #expect(answer.status == 422 && answer.text.contains(code), "\(query): \(answer.text)")
        }
    }
}
