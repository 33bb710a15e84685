import Access
import HTTP
import Limiter
import Orders
import RateLimit
import Synchronization
import Testing

@testable import Ingest

@Suite("The rate limit before every call")
struct GateTests {
    private let order = #"{"externalId":"7","source":"shop","email":"a@b.example","price":"10.00","currency":"UAH"}"#
    private static let names = [
        "RateLimit-Policy", "RateLimit", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
    ]

    @Test("every authenticated answer has the limit's state, and costs one permit")
    func everyAnswer() async throws {
        let shop = try await Fixture(scopes: [.read])
        let answers = [
            await shop.send(.get, "/api/v2/me"),
            await shop.send(.post, "/api/v2/orders", order),
            await shop.send(.post, "/api/v2/validate", "{"),
            await shop.send(.post, "/api/v2/validate", "x", fields: ["Content-Type": "text/plain"]),
            await shop.send(.post, "/api/v2/validate", "x", fields: ["Content-Length": "262145"]),
            await shop.send(.get, "/api/v2/orders/000000000000000000000000"),
            await shop.send(.get, "/api/v2/nothing"),
            await shop.send(.delete, "/api/v2/orders"),
        ]
        #expect(answers.map(\.status) == [200, 403, 400, 415, 413, 404, 404, 405])
        for answer in answers {
            #expect(answer.fields["RateLimit-Policy"] == #""token";q=300;w=60"#, "\(answer.status)")
            #expect(answer.fields["RateLimit"] == #""token";r=212;t=3"#)
            #expect(answer.fields["X-RateLimit-Limit"] == "300")
            #expect(answer.fields["X-RateLimit-Remaining"] == "212")
            #expect(answer.fields["X-RateLimit-Reset"] == "3")
            for name in Self.names { #expect(answer.fields.values(of: name).count == 1) }
        }
        #expect(shop.gate.asked == answers.count)
    }

    @Test("an answer to an unknown caller has nothing about any limit, and costs nothing")
    func unauthenticated() async throws {
        let shop = try await Fixture()
        let answers = [
            await shop.send(.get, "/api/v2/me", token: ""), await shop.send(.get, "/api/v2/usage", token: "nonsense"),
            await shop.send(.get, "/api/v1/orders"),
        ]
        #expect(answers.map(\.status) == [401, 401, 404])
        for answer in answers { for name in Self.names { #expect(answer.fields[name] == nil) } }
        #expect(shop.gate.asked == 0)
    }

    @Test("a plan without API access costs a permit like any other answer")
    func planWithoutAPI() async throws {
        let shop = try await Fixture()
        shop.control.accounts.withLock { $0["shop"]!.apiAccess = false }
        let answer = await shop.send(.get, "/api/v2/me")
        #expect(answer.status == 403 && answer.fields["RateLimit"] != nil && shop.gate.asked == 1)
    }

    @Test("a used-up limit is 429 in both shapes, with Retry-After, and nothing is published")
    func limit() async throws {
        let shop = try await Fixture()
        shop.gate.say(.refused(retryAt: OwnTime(nanoseconds: 0)), retryAfter: 17)
        let json = await shop.send(.post, "/api/v2/orders", order)
        #expect(json.status == 429 && json.member("code") == "QUOTA_EXCEEDED")
        #expect(json.fields["Content-Type"] == "application/json" && json.text.hasPrefix(#"{"status":0,"error":{"#))
        let problem = await shop.send(.post, "/api/v2/orders", order, fields: ["Accept": "application/problem+json"])
        #expect(problem.status == 429 && problem.fields["Content-Type"] == "application/problem+json")
        #expect(problem.member("type") == "https://iana.org/assignments/http-problem-types#quota-exceeded")
        #expect(problem.text.contains(#""violated-policies":["token"]"#))
        for answer in [json, problem] {
            #expect(answer.fields.values(of: "Retry-After") == ["17"] && answer.fields["RateLimit"] != nil)
            #expect(!answer.text.contains("restricted-until"))
        }
        #expect(shop.topic.records.isEmpty)
    }

    @Test("a restriction is distinguished from a used-up limit, with its end")
    func restricted() async throws {
        let shop = try await Fixture()
        shop.gate.say(.restricted(until: 1_790_000_060_000), retryAfter: 60)
        let end = Timestamp(milliseconds: 1_790_000_060_000).iso8601
        let json = await shop.send(.get, "/api/v2/me")
        #expect(json.status == 429 && json.member("code") == "ABNORMAL_USAGE_DETECTED")
        let problem = await shop.send(.get, "/api/v2/me", fields: ["Accept": "application/problem+json"])
        #expect(problem.member("type") == "https://iana.org/assignments/http-problem-types#abnormal-usage-detected")
        for answer in [json, problem] {
            #expect(answer.member("restricted-until") == end && answer.fields["Retry-After"] == "60")
        }
    }

    @Test("without a verdict the answer is 503 with Retry-After; more than the limit at once is 400")
    func noVerdict() async throws {
        let shop = try await Fixture()
        shop.gate.say(.unavailable(.starting), retryAfter: 2)
        let json = await shop.send(.post, "/api/v2/orders", order)
        #expect(json.status == 503 && json.member("code") == "TEMPORARY_REDUCED_CAPACITY")
        let problem = await shop.send(.get, "/api/v2/me", fields: ["Accept": "application/problem+json"])
        #expect(problem.member("type") == "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity")
        for answer in [json, problem] { #expect(answer.fields.values(of: "Retry-After") == ["2"]) }
        shop.gate.say(.tooMany(limit: 300))
        #expect(await shop.send(.get, "/api/v2/me").status == 400)
        #expect(shop.topic.records.isEmpty)
    }

    @Test("usage costs no permit, shows who spent what, and is answered once a second")
    func usage() async throws {
        let shop = try await Fixture()
        #expect(await shop.send(.get, "/api/v2/usage").status == 503, "nothing is known yet")
        let other = try await Fixture()
        other.gate.tell(
            LimitUsage(
                fields: PlayedGate.fields(remaining: 0, reset: 9),
                spentBy: [.init(process: ProcessID(0xAA), permits: 300, isThisOne: true)], refusalsSecondsAgo: [4],
                restrictedUntil: 1_790_000_060_000))
        other.gate.say(.refused(retryAt: OwnTime(nanoseconds: 0)), retryAfter: 9)
        let answer = await other.send(.get, "/api/v2/usage")
        #expect(answer.status == 200 && answer.fields["RateLimit"] == #""token";r=0;t=9"#)
        #expect(
            answer.text.contains(
                #"{"limit":300,"windowSeconds":60,"remaining":0,"nextPermitInSeconds":9,"restrictedUntil":""#))
        #expect(answer.text.contains(#""spentBy":[{"process":"00000000000000aa","permits":300,"isThisProcess":true}]"#))
        let refusedAt = Timestamp(milliseconds: Fixture.now.milliseconds - 4_000).iso8601
        #expect(answer.text.contains(#""lastRefusals":["\#(refusedAt)"]"#))
        let again = await other.send(.get, "/api/v2/usage")
        #expect(again.status == 429 && again.fields["Retry-After"] == "1" && again.fields["RateLimit"] != nil)
        #expect(other.gate.asked == 0)
    }

    @Test("the pace of usage is each token's own, and its memory is bounded")
    func pace() {
        let pace = UsagePace(tokens: 2)
        let start = ContinuousClock.now
        #expect(pace.allows("a", now: start) && pace.allows("b", now: start))
        #expect(!pace.allows("a", now: start + .milliseconds(900)))
        #expect(pace.allows("a", now: start + .milliseconds(1_100)))
    }
}
