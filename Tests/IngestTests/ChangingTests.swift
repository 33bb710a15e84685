import HTTP
import Orders
import Testing

@testable import Ingest

@Suite("Changing orders")
struct ChangingTests {
    private func accepted(_ shop: Fixture) async throws -> String {
        let response = await shop.send(
            .post, "/api/v2/orders", #"{"externalId":"7","source":"s","email":"a@b.example","price":"10"}"#)
        return try #require(response.member("id"))
    }

    @Test("an order that this process has accepted can be changed before the ledger shows it")
    func changeAtOnce() async throws {
        let shop = try await Fixture()
        let id = try await accepted(shop)
        for method in [Method.post, .put] {
            let response = await shop.send(
                method, "/api/v2/orders/\(id)", #"{"status":"RESOLVED"}"#, fields: ["Idempotency-Key": "\(method)"])
            #expect(response.status == 200, "\(response.text)")
        }
        let events = try shop.topic.events()
        #expect(events.count == 3 && events[1].type == "orderrelay.order.updated" && events[1].id != events[2].id)
        guard case .updated(let change) = events[1].content else { throw Unexpected(events[1]) }
        #expect(change.status == .success)
    }

    @Test("a refund is an event of its own")
    func refund() async throws {
        let shop = try await Fixture()
        let id = try await accepted(shop)
        let response = await shop.send(.put, "/api/v2/orders/\(id)", #"{"status":"REFUNDED"}"#)
        #expect(response.status == 200)
        #expect(try shop.topic.events()[1].type == "orderrelay.order.refunded")
    }

    @Test("a purchase names its order by id or by the shop's number, and means paid")
    func purchase() async throws {
        let shop = try await Fixture()
        let id = try await accepted(shop)
        let byID = await shop.send(.post, "/api/v2/purchases", #"{"orderId":"\#(id)","price":"10"}"#)
        let byNumber = await shop.send(.post, "/api/v2/purchases", #"{"externalId":"7","source":"s","price":"9"}"#)
        #expect(byID.status == 201 && byNumber.status == 201, "\(byID.text) \(byNumber.text)")
        #expect(byID.member("status") == "RESOLVED" && byNumber.member("status") == "RESOLVED")
        for event in try shop.topic.events().dropFirst() {
            #expect(event.type == "orderrelay.order.paid" && event.order.text == id)
        }
    }

    @Test("a keyless repeat of a change folds, a keyed one has the same id on any process")
    func repeats() async throws {
        let topic = PlayedTopic()
        let one = try await Fixture(topic: topic)
        let id = try await accepted(one)
        let body = #"{"status":"REJECTED"}"#
        _ = await one.send(.put, "/api/v2/orders/\(id)", body)
        let again = await one.send(.put, "/api/v2/orders/\(id)", body)
        #expect(again.fields["Idempotent-Replayed"] == "true" && topic.records.count == 2)
        let other = try await Fixture(topic: topic)
        _ = try await accepted(other)
        for shop in [one, other] {
            _ = await shop.send(.put, "/api/v2/orders/\(id)", body, fields: ["Idempotency-Key": "k"])
        }
        let events = try topic.events().suffix(2)
        #expect(events.first?.id == events.last?.id)
    }

    @Test("an order that nobody knows is not visible yet, a malformed id is distinguished")
    func unknown() async throws {
        let shop = try await Fixture()
        let missing = await shop.send(.put, "/api/v2/orders/0123456789abcdef01234567", #"{"status":"RESOLVED"}"#)
        #expect(
            missing.status == 404 && missing.member("code") == "NOT_VISIBLE" && missing.fields["Retry-After"] == "1")
        let malformed = await shop.send(.get, "/api/v2/orders/abc")
        #expect(malformed.status == 404 && malformed.member("code") == "WRONG_ID")
        let timeline = await shop.send(.get, "/api/v2/orders/0123456789abcdef01234567/timeline")
        #expect(timeline.status == 404 && timeline.member("code") == "NOT_VISIBLE")
    }
}
