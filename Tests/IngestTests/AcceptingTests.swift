import Access
import HTTP
import Kafka
import Orders
import Testing

@testable import Ingest

@Suite("Accepting orders")
struct AcceptingTests {
    private let order = #"{"externalId":"7","source":"shop","email":"a@b.example","price":"10.00","currency":"UAH"}"#

    @Test("an order answered 201 is on the topic, under the id that was answered")
    func isOnTheTopic() async throws {
        let shop = try await Fixture()
        let response = await shop.send(.post, "/api/v2/orders", order)
        #expect(response.status == 201, "\(response.text)")
        let event = try #require(try shop.topic.events().first)
        #expect(event.order.text == response.member("id"))
        #expect(event.id == "\(event.order.text).created")
        #expect(event.account == "shop")
        #expect(shop.topic.records[0].key == Array(event.order.text.utf8))
        guard case .created(let draft) = event.content else { throw Unexpected(event) }
        #expect(draft.price == Money(minorUnits: 1000, currency: Currency("UAH")!))
    }

    @Test("an acknowledgement is awaited for 5 s, but no longer than the request has left of its 8 s")
    func awaitsWhatIsLeft() async throws {
        let shop = try await Fixture()
        _ = await shop.send(.post, "/api/v2/orders", order)
        _ = await shop.send(
            .post, "/api/v2/purchases", #"{"externalId":"7","source":"shop"}"#, arrivedAt: .now - .seconds(6))
        #expect(shop.topic.timeouts.count == 2)
        #expect(shop.topic.timeouts.first == .seconds(5))
        #expect(try #require(shop.topic.timeouts.last) <= .seconds(2))
    }

    @Test("a body that is refused after the head costs and shows its permit, too")
    func refusedBodyShowsTheLimit() async throws {
        let shop = try await Fixture()
        let head = RequestHead(
            method: .post, path: "/api/v2/orders", fields: ["Authorization": "Bearer \(shop.token.text)"])
        guard case .read(_, let context) = await shop.application.admit(head) else { throw Unexpected(head) }
        let refused = shop.application.refusal(status: 413, reason: "too large", context: context)
        #expect(refused.status == 413 && refused.member("code") == "TOO_LARGE")
        #expect(refused.fields["RateLimit"] == #""token";r=212;t=3"#)
        let full = shop.application.refusal(status: 503, reason: "too many bodies", context: context)
        #expect(full.member("code") == "TEMPORARILY_UNAVAILABLE" && full.fields["Retry-After"] == "1")
        #expect(shop.application.refusal(status: 400, reason: "no head", context: nil).fields["RateLimit"] == nil)
    }

    @Test("a keyed repeat is answered as the first time, and published once")
    func foldsKeyed() async throws {
        let shop = try await Fixture()
        let first = await shop.send(.post, "/api/v2/orders", order)
        let second = await shop.send(.post, "/api/v2/orders", order)
        #expect(second.status == 201 && second.body == first.body)
        #expect(first.fields["Idempotent-Replayed"] == nil && second.fields["Idempotent-Replayed"] == "true")
        #expect(shop.topic.records.count == 1)
    }

    @Test("a keyed repeat on another process has the same id and the same event id")
    func sameOnAnotherProcess() async throws {
        let topic = PlayedTopic()
        let one = try await Fixture(topic: topic)
        let other = try await Fixture(topic: topic)
        let first = await one.send(.post, "/api/v2/orders", order)
        let second = await other.send(.post, "/api/v2/orders", order)
        #expect(first.status == 201 && second.status == 201 && first.member("id") == second.member("id"))
        let events = try topic.events()
        #expect(events.count == 2 && events[0].id == events[1].id && events[0].digest == events[1].digest)
    }

    @Test("an Idempotency-Key names an order that has no number of its own")
    func idempotencyKey() async throws {
        let shop = try await Fixture()
        let body = #"{"email":"a@b.example"}"#
        let first = await shop.send(.post, "/api/v2/orders", body, fields: ["Idempotency-Key": "k1"])
        let again = await shop.send(.post, "/api/v2/orders", body, fields: ["Idempotency-Key": "k1"])
        let other = await shop.send(.post, "/api/v2/orders", body, fields: ["Idempotency-Key": "k2"])
        #expect(first.member("id") == again.member("id") && first.member("id") != other.member("id"))
        let reused = await shop.send(
            .post, "/api/v2/orders", #"{"email":"x@y.example"}"#, fields: ["Idempotency-Key": "k1"])
        #expect(reused.status == 422 && reused.member("code") == "IDEMPOTENCY_KEY_REUSED")
        let malformed = await shop.send(.post, "/api/v2/orders", body, fields: ["Idempotency-Key": ""])
        #expect(malformed.status == 400)
    }

    @Test("equal keyless orders fold, whatever their transactionDate; an account can switch that off")
    func keyless() async throws {
        let bodies = (1...2).map { #"{"email":"a@b.example","transactionDate":"2026-11-24T09:00:0\#($0)Z"}"# }
        for folds in [true, false] {
            let shop = try await Fixture(foldsKeyless: folds)
            var ids: [String?] = []
            for body in bodies { ids.append(await shop.send(.post, "/api/v2/orders", body).member("id")) }
            #expect((ids[0] == ids[1]) == folds)
            #expect(shop.topic.records.count == (folds ? 1 : 2))
        }
    }

    @Test("without an acknowledgement the caller gets 503 with Retry-After, and a repeat has one id")
    func notAcknowledged() async throws {
        let shop = try await Fixture()
        shop.topic.fail(with: KafkaError(.timedOut, "played", isRetriable: true))
        let failed = await shop.send(.post, "/api/v2/orders", order)
        #expect(failed.status == 503 && failed.member("code") == "NOT_ACKNOWLEDGED")
        #expect(failed.fields["Retry-After"] == "5")
        shop.topic.fail(with: nil)
        let repeated = await shop.send(.post, "/api/v2/orders", order)
        #expect(repeated.status == 201 && repeated.fields["Idempotent-Replayed"] == nil)
        #expect(shop.topic.records.count == 1)
    }

    @Test("every fault of a body is reported in one answer, and nothing is published")
    func faults() async throws {
        let shop = try await Fixture()
        let body = #"{"email":"nobody","phone":"12","price":"1.234","items":3}"#
        let plain = await shop.send(.post, "/api/v2/orders", body)
        #expect(plain.status == 422 && plain.member("code") == "FORMAT_ERROR")
        #expect(plain.text.contains(#""email":"WRONG_EMAIL""#) && plain.text.contains(#""phone":"WRONG_PHONE""#))
        #expect(plain.text.contains(#""price":"WRONG_PRICE""#) && plain.text.contains(#""items":"WRONG_TYPE""#))
        #expect(!plain.text.contains("nobody"), "an address must not be repeated")
        let problem = await shop.send(
            .post, "/api/v2/orders", body, fields: ["Accept": "application/problem+json"])
        #expect(problem.fields["Content-Type"] == "application/problem+json")
        #expect(problem.text.contains(#""pointer":"/email""#))
        let broken = await shop.send(.post, "/api/v2/orders", #"{"email":}"#)
        #expect(broken.status == 400 && broken.member("code") == "BAD_JSON" && broken.text.contains("byte 9"))
        #expect(shop.topic.records.isEmpty)
    }

    @Test("validate reports what is wrong and publishes nothing")
    func validate() async throws {
        let shop = try await Fixture()
        #expect(await shop.send(.post, "/api/v2/validate", order).status == 200)
        #expect(await shop.send(.post, "/api/v2/validate", #"{"email":1}"#).status == 422)
        #expect(shop.topic.records.isEmpty)
    }

    @Test("a form is taken as JSON is")
    func form() async throws {
        let shop = try await Fixture()
        let response = await shop.send(
            .post, "/api/v2/orders", "email=a%40b.example&price=5&isNotifyAccount=false",
            fields: ["Content-Type": "application/x-www-form-urlencoded"])
        #expect(response.status == 201, "\(response.text)")
        guard case .created(let draft) = try shop.topic.events()[0].content else { throw Unexpected() }
        #expect(!draft.isNotifyAccount && draft.buyer.email == "a@b.example")
        let other = await shop.send(.post, "/api/v2/orders", "x", fields: ["Content-Type": "text/plain"])
        #expect(other.status == 415)
    }
}

/// What a test did not expect, with what came.
struct Unexpected: Error {
    let what: String
    init(_ what: Any = "") { self.what = "\(what)" }
}
