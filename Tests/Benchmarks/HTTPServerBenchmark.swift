/// `benchmarks http-server`: our server beside the bare program, in turns, with the load from a third process.
enum HTTPServerBenchmark {
    private static let rounds = 5
    private static let seconds = 3.0

    /// One kind of server, and what its rounds showed.
    private struct Series {
        var name: String
        var words: [String]
        var rates: [Double] = []
        var processorMicroseconds: [Double] = []
        var p50: [Double] = []
        var p99: [Double] = []
    }

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
            for handedOver in [false, true] { try compare(connections, handedOver: handedOver) }
        }
    }

    private static func compare(_ connections: Int, handedOver: Bool) throws {
        let suffix = handedOver ? ["handed-over"] : []
        var series = [
            Series(name: "bare", words: ["http-bare"] + suffix), Series(name: "ours", words: ["http-ours"] + suffix),
        ]
        // In turns, so that a busy minute of the machine falls on both.
        for _ in 0..<rounds {
            for index in series.indices { try measure(&series[index], connections) }
        }
        print("\(connections) connections, answered \(handedOver ? "from another thread" : "at once"):")
        for one in series {
            print(
                "  \(one.name)\t\(Int(median(one.rates)))/s [\(Int(one.rates.min() ?? 0))–\(Int(one.rates.max() ?? 0))]"
                    + "\tp50 \(median(one.p50)) ms\tp99 \(median(one.p99)) ms"
                    + "\t\((median(one.processorMicroseconds) * 10).rounded() / 10) µs of CPU a request")
        }
        let share = median(series[1].rates) / median(series[0].rates)
        print("  ours is \((share * 1000).rounded() / 1000) of bare")
    }

    private static func measure(_ series: inout Series, _ connections: Int) throws {
        let server = try BenchmarkChild(series.words)
        guard let port = server.readLine().flatMap({ Int($0) }) else { fatalError("\(series.name) does not start") }
        let before = server.processorSeconds
        let report = try LoadCommand.spawn(
            port: port, connections: connections, seconds: seconds, warmUp: 0.5, order)
        let spent = server.processorSeconds - before
        server.end()
        guard report["statuses"]?.contains(",") == false, report["broken"] == "0", let rate = number(report["rate"])
        else {
            fatalError("\(series.name): \(report)")
        }
        series.rates.append(rate)
        series.p50.append(number(report["p50_ms"]) ?? 0)
        series.p99.append(number(report["p99_ms"]) ?? 0)
        // The warm-up's requests are in the time, at the same rate.
        series.processorMicroseconds.append(spent * 1_000_000 / (rate * (seconds + 0.5)))
    }

    private static func number(_ text: String?) -> Double? { text.flatMap { Double($0) } }

    static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}
