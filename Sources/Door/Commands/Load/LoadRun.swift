import FoundationEssentials
import HTTP
import Orders

/// Sends a plan's requests at their times, whatever becomes of those before: an open loop, as callers are.
struct LoadRun: Sendable {
    /// Requests under way, those that wait for a connection among them. With more the next ones are sent late, which their
    /// latencies show.
    private static let underWayMaximum = 10_000
    private static let timeout = Duration.seconds(10)

    let plan: LoadPlan
    let url: String
    let token: String
    /// Whose the token is: part of what an order's id is made of.
    let account: String
    let perSecond: Int
    let count: Int
    let client: Client

    /// - Parameter progress: called with how many requests have been sent.
    func send(progress: (Int) -> Void) async throws -> LoadTally {
        var tally = LoadTally()
        let began = ContinuousClock.now
        try await withThrowingTaskGroup(of: LoadAnswer.self) { group in
            var underWay = 0
            for index in 0..<count {
                let scheduled = began + .seconds(1) * index / perSecond
                if scheduled > .now { try await Task.sleep(until: scheduled) }
                if underWay == Self.underWayMaximum, let answer = try await group.next() {
                    tally.note(answer)
                    underWay -= 1
                }
                underWay += 1
                group.addTask { await answer(to: index, scheduled) }
                progress(index)
            }
            for try await answer in group { tally.note(answer) }
        }
        return tally
    }

    private func answer(to index: Int, _ scheduled: ContinuousClock.Instant) async -> LoadAnswer {
        let request = plan[index]
        var fields: HeaderFields = ["Authorization": "Bearer \(token)", "Content-Type": "application/json"]
        // An order may be paid twice: without a key the second payment would be taken for a repeat of the first.
        if request.isPayment { fields.add("Idempotency-Key", "load-\(plan.run)-\(index)") }
        var answer = LoadAnswer(request: request, expected: id(of: request))
        do {
            let response = try await client.send(
                ClientRequest(
                    .post, url + LoadPlan.path(of: request), fields: fields, body: Array(plan.body(of: request).utf8),
                    timeout: Self.timeout))
            answer.outcome = .status(response.status)
            answer.order = Self.id(in: response.body)
        } catch {
            answer.outcome = .unanswered(error.code)
        }
        answer.latency = scheduled.duration(to: .now)
        return answer
    }

    /// The id that the API derives for the order that a request is about.
    private func id(of request: LoadPlan.Request) -> OrderID {
        let number =
            switch request {
            case .order(let number), .duplicate(let number), .payment(let number): "\(number)"
            case .bad: "bad"
            }
        return OrderID(account: account, .external(id: number, source: "load-\(plan.run)"))
    }

    private struct Answer: Decodable {
        struct Order: Decodable { var id: String }
        var data: Order
    }

    private static func id(in body: [UInt8]) -> OrderID? {
        (try? JSONDecoder().decode(Answer.self, from: Data(body))).flatMap { OrderID($0.data.id) }
    }
}
