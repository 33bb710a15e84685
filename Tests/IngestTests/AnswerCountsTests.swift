import HTTP
import Telemetry
import Testing

@testable import Ingest

@Suite("Counted answers")
struct AnswerCountsTests {
    private let order =
        #"{"externalId": "1", "title": "Курс", "price": "10.00", "currency": "UAH", "email": "x@example.com"}"#

    /// What `/metrics` shows of a counter: its series by their labels.
    private func series(_ name: String, _ shop: Fixture) -> [String: Int] {
        var series: [String: Int] = [:]
        for line in shop.metrics.rendered().split(separator: "\n") where line.hasPrefix("\(name){") {
            let words = line.dropFirst(name.count).split(separator: " ")
            series[String(words[0])] = Int(words[1])
        }
        return series
    }

    @Test("every answer is counted once, by the call that was asked for, whoever refuses it")
    func once() async throws {
        let shop = try await Fixture()
        let json = ["Content-Type": "application/json"] as HeaderFields
        #expect(await shop.send(.post, "/api/v2/orders", order, fields: json).status == 201)
        #expect(await shop.send(.post, "/api/v2/orders", "{", fields: json).status == 400)
        #expect(await shop.send(.post, "/api/v2/orders", order, fields: json, token: "nonsense").status == 401)
        #expect(await shop.send(.get, "/api/v2/nothing").status == 404)
        #expect(await shop.send(.get, "/elsewhere").status == 404)
        #expect(shop.application.refusal(status: 503, reason: "overload", context: nil).status == 503)
        let counted = series("orderrelay_requests_total", shop).filter { $0.value > 0 }
        #expect(
            counted == [
                #"{call="createOrder",class="2xx"}"#: 1, #"{call="createOrder",class="4xx"}"#: 2,
                #"{call="none",class="4xx"}"#: 2, #"{call="none",class="5xx"}"#: 1,
            ])
        let refused = series("orderrelay_requests_refused_total", shop)
        #expect(refused.values.reduce(0, +) == 5)
        #expect(refused[#"{code="BAD_JSON"}"#] == 1 && refused[#"{code="NOT_FOUND"}"#] == 2)
    }

    @Test("all series are there before the first request, since a rate needs the zero")
    func zeros() async throws {
        let shop = try await Fixture()
        let answers = series("orderrelay_requests_total", shop)
        #expect(answers.count == (shop.application.api.endpoints.count + 1) * 4)
        #expect(answers.values.allSatisfy { $0 == 0 })
        let refused = series("orderrelay_requests_refused_total", shop)
        #expect(refused.count == Refusal.Code.allCases.count && refused.values.allSatisfy { $0 == 0 })
    }
}
