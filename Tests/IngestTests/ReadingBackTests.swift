import Access
import HTTP
import Ledger
import Orders
import Synchronization
import Support
import Testing

@testable import Ingest

@Suite("Reading what was just written", .timeLimit(.minutes(1)))
struct ReadingBackTests {
    private let order = #"{"externalId":"7","source":"shop","email":"a@b.example","price":"10.00","currency":"UAH"}"#

    private func accepted(_ shop: Fixture) async throws -> OrderID {
        let response = await shop.send(.post, "/api/v2/orders", order)
        return try #require(response.member("id").flatMap(OrderID.init))
    }

    /// What `analytics` does with the first record of the topic.
    private func takeIn(_ shop: Fixture) async throws {
        let event = try #require(try shop.topic.events().first)
        guard case .created(let draft) = event.content else { throw Unexpected(event) }
        let source = LogPartition(cluster: "c", topic: "orders", partition: 0)
        _ = try await shop.ledger.position(of: "analytics", in: source, base: 0)
        var batch = IntakeBatch(
            worker: "analytics", source: source, owner: "o", from: 0, next: 1,
            entries: [entry(event, at: 0, .planned([]))])
        let row = OrderRow(
            id: event.order, account: event.account, draft: draft, creation: event.encoded().value, status: .pending,
            price: draft.price,
            createdAt: event.time, updatedAt: event.time)
        batch.changes = [.order(row)]
        _ = try await shop.ledger.takeIn(batch)
    }

    @Test("the process that accepted an order answers for it at once")
    func atOnce() async throws {
        let shop = try await Fixture()
        let id = try await accepted(shop)
        let answer = await shop.send(.get, "/api/v2/orders/\(id)")
        #expect(answer.status == 200 && answer.member("id") == id.text, "\(answer.text)")
        #expect(answer.member("status") == "OPENED" && answer.member("orderStatus") == "PENDING")
        #expect(answer.member("createdAt") == Fixture.now.iso8601 && answer.text.contains(#""deliveries":[]"#))
        let timeline = await shop.send(.get, "/api/v2/orders/\(id)/timeline")
        #expect(timeline.status == 200 && timeline.member("kind") == "accepted", "\(timeline.text)")
        #expect(timeline.member("event") == "\(id).created" && timeline.member("topic") == "orders")
        #expect(timeline.member("partition") == "0" && timeline.member("offset") == "0")
        for one in [answer, timeline] { #expect(one.fields["Preference-Applied"] == nil) }
    }

    @Test("it knows of the changes that it accepted, too")
    func changes() async throws {
        let shop = try await Fixture()
        let id = try await accepted(shop)
        _ = await shop.send(.put, "/api/v2/orders/\(id)", #"{"userComments":"x"}"#)
        #expect(await shop.send(.get, "/api/v2/orders/\(id)").member("orderStatus") == "PENDING")
        _ = await shop.send(.post, "/api/v2/purchases", #"{"orderId":"\#(id)"}"#)
        let answer = await shop.send(.get, "/api/v2/orders/\(id)")
        #expect(answer.member("status") == "RESOLVED" && answer.member("orderStatus") == "SUCCESS")
        let timeline = await shop.send(.get, "/api/v2/orders/\(id)/timeline").text
        #expect(timeline.matches(of: /"kind":"accepted"/).count == 3)
        #expect(timeline.contains("orderrelay.order.updated") && timeline.contains("orderrelay.order.paid"))
    }

    @Test("what was not acknowledged, and another account's order, is not there")
    func notThere() async throws {
        let shop = try await Fixture()
        let id = try await accepted(shop)
        shop.control.accounts.withLock { $0["other"] = $0["shop"] }
        shop.control.accounts.withLock { $0["other"]!.id = "other" }
        shop.control.tokens.withLock { $0[shop.token.id]!.account = "other" }
        for path in ["/api/v2/orders/\(id)", "/api/v2/orders/\(id)/timeline"] {
            #expect(await shop.send(.get, path).member("code") == "NOT_VISIBLE")
        }
    }

    @Test("another process holds the answer until the ledger shows the order", arguments: ["", "/timeline"])
    func held(part: String) async throws {
        let one = try await Fixture()
        let other = try await Fixture(ledger: one.ledger)
        let path = "/api/v2/orders/\(try await accepted(one))\(part)"
        #expect(await other.send(.get, path).status == 404)
        async let answer = other.send(.get, path, fields: ["Prefer": "wait=60"])
        while other.watch.count == 0 { await Task.yield() }
        try await takeIn(one)
        #expect(await answer.status == 200)
        #expect(await answer.fields["Preference-Applied"] == "wait=5", "as long as is allowed")
        #expect(other.gate.asked == 2, "one permit each")
        let again = await other.send(.get, path, fields: ["Prefer": "wait=2"])
        #expect(again.status == 200 && again.fields["Preference-Applied"] == "wait=2")
    }

    @Test("what does not come in time is not visible, and no answer is held beyond the request's deadline")
    func tooLate() async throws {
        let shop = try await Fixture()
        let path = "/api/v2/orders/0123456789abcdef01234567"
        let start = ContinuousClock.now
        let late = await shop.send(.get, path, fields: ["Prefer": "wait=1"])
        #expect(late.status == 404 && late.member("code") == "NOT_VISIBLE")
        #expect(late.fields["Preference-Applied"] == "wait=1" && ContinuousClock.now - start >= .seconds(1))
        let spent = ContinuousClock.now
        let ended = await shop.send(.get, path, fields: ["Prefer": "wait=5"], arrivedAt: .now - .seconds(7.6))
        #expect(ended.status == 404 && ContinuousClock.now - spent < .seconds(1))
        for nonsense in ["wait=x", "wait=", "wait=-1", "wait"] {
            let answer = await shop.send(.get, path, fields: ["Prefer": nonsense])
            #expect(answer.status == 404 && answer.fields["Preference-Applied"] == nil, "\(nonsense)")
        }
    }

    @Test("where as many wait as may, the next is answered at once, and so is everybody when the process stops")
    func bounded() async throws {
        let shop = try await Fixture(heldMaximum: 1)
        let path = "/api/v2/orders/0123456789abcdef01234567"
        let start = ContinuousClock.now
        async let held = shop.send(.get, path, fields: ["Prefer": "wait=5"])
        while shop.watch.count == 0 { await Task.yield() }
        let next = await shop.send(.get, path, fields: ["Prefer": "wait=5"])
        #expect(next.status == 404 && next.fields["Preference-Applied"] == nil)
        shop.watch.close()
        #expect(await held.status == 404)
        #expect(ContinuousClock.now - start < .seconds(4))
    }
}
