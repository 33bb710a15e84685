/// `benchmarks http-server`: our server beside the bare program, in turns, with the load from a third process.
enum HTTPServerBenchmark {
    static let order = LoadRequest(
        method: "POST", path: "/api/v2/orders",
        fields: [
            "Authorization: Bearer or_0123456789abcdef_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
            "Content-Type: application/json", "Accept: application/json", "User-Agent: benchmark",
        ],
        body: #"{"email":"buyer{n}@example.com","phone":"+380501234567","offerId":"offer-1","price":"499.00","#
            + #""currency":"UAH","title":"Course","externalId":"order-{n}","customer":{"name":"Ivan"},"items":"#
            + #"[{"title":"Course","price":"499.00","quantity":1}],"locale":"uk"}"#)

    static func run(_ words: [String]) throws {
        let counts = words.compactMap { Int($0) }
        for connections in counts.isEmpty ? [64, 256] : counts {
            for handedOver in [false, true] {
                let suffix = handedOver ? ["handed-over"] : []
                try ServerComparison(connections: connections, request: order).run(
                    "\(connections) connections, answered \(handedOver ? "from another thread" : "at once")",
                    [("bare", ["http-bare"] + suffix), ("ours", ["http-ours"] + suffix)])
            }
        }
    }
}
