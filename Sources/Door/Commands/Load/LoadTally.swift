import HTTP
import Orders

/// What came of one request.
struct LoadAnswer: Sendable {
    enum Outcome: Sendable, Hashable {
        case status(Int)
        /// No answer, and why.
        case unanswered(ClientError.Code)
    }

    var request: LoadPlan.Request
    /// The id that the API derives for its order.
    var expected: OrderID
    var outcome = Outcome.unanswered(.other)
    /// The order's id according to the answer.
    var order: OrderID?
    /// From the scheduled time to the answer.
    var latency = Duration.zero
}

/// What came of the requests so far. Pure.
struct LoadTally: Sendable {
    /// How many requests had which outcome.
    private(set) var outcomes: [LoadAnswer.Outcome: Int] = [:]
    /// From the scheduled time to the answer, in microseconds; of answers that accepted something.
    private(set) var latencies: [Int32] = []
    /// Accepted orders, with how many payments of each were accepted.
    private(set) var accepted: [OrderID: Int] = [:]
    /// Bad orders that were accepted, and duplicates that were given another id: there must be none.
    private(set) var wrongCount = 0

    mutating func note(_ answer: LoadAnswer) {
        outcomes[answer.outcome, default: 0] += 1
        guard answer.outcome == .status(200) || answer.outcome == .status(201) else { return }
        latencies.append(Int32(clamping: Int64(answer.latency / .microseconds(1))))
        guard answer.request != .bad, answer.order == answer.expected else { return wrongCount += 1 }
        accepted[answer.expected, default: 0] += answer.request.isPayment ? 1 : 0
    }

    /// For each share, the latency that so many of the accepted requests did not exceed, in milliseconds; empty if none was
    /// accepted.
    func latencies(at shares: [Double]) -> [Double] {
        let sorted = latencies.sorted()
        guard !sorted.isEmpty else { return [] }
        return shares.map { share in
            let place = Int((share * Double(sorted.count)).rounded(.up)) - 1
            return Double(sorted[min(max(place, 0), sorted.count - 1)]) / 1000
        }
    }
}
