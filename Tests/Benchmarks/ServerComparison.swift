/// Servers under the same load, in turns, so that a busy minute of the machine falls on all of them; each in a process
/// of its own, restarted for each round, the load from a third one.
struct ServerComparison {
    var rounds = 5
    var seconds = 3.0
    /// Not counted.
    var warmUp = 0.5
    var connections: Int
    var request: LoadRequest

    /// One kind of server, and what its rounds showed.
    private struct Series {
        var name: String
        var words: [String]
        var rates: [Double] = []
        var processorMicroseconds: [Double] = []
        var p50: [Double] = []
        var p99: [Double] = []
    }

    /// Measures, and prints; the first of the servers is what the others are compared with.
    ///
    /// - Parameter servers: what each is called, and the words that start it.
    func run(_ title: String, _ servers: [(name: String, words: [String])]) throws {
        var series = servers.map { Series(name: $0.name, words: $0.words) }
        for _ in 0..<rounds {
            for index in series.indices { try measure(&series[index]) }
        }
        print("\(title):")
        for one in series {
            let share = Self.median(one.rates) / Self.median(series[0].rates)
            // Of two rounds side by side: what befell the machine meanwhile befell both.
            let shares = zip(one.rates, series[0].rates).map { $0 / $1 }
            print(
                "  \(one.name)\t\(Int(Self.median(one.rates)))/s [\(Int(one.rates.min() ?? 0))–\(Int(one.rates.max() ?? 0))]"
                    + "\tp50 \(Self.median(one.p50)) ms\tp99 \(Self.median(one.p99)) ms"
                    + "\t\(Self.rounded(Self.median(one.processorMicroseconds), 10)) µs of CPU a request"
                    + "\t\(Self.rounded(share, 1000)) of \(series[0].name)"
                    + " (round by round: \(Self.rounded(Self.median(shares), 1000)))")
        }
    }

    private func measure(_ series: inout Series) throws {
        let server = try BenchmarkChild(series.words)
        guard let port = server.readLine().flatMap({ Int($0) }) else { fatalError("\(series.name) does not start") }
        let before = server.processorSeconds
        let report = LoadCommand.report(
            of: try LoadCommand.start(
                port: port, connections: connections, seconds: seconds, warmUp: warmUp, request))
        let spent = server.processorSeconds - before
        server.end()
        guard report["statuses"] == "201:\(report["answers"] ?? "")", report["broken"] == "0",
            let rate = Self.number(report["rate"])
        else { fatalError("\(series.name): \(report)") }
        series.rates.append(rate)
        series.p50.append(Self.number(report["p50_ms"]) ?? 0)
        series.p99.append(Self.number(report["p99_ms"]) ?? 0)
        // The warm-up's requests are in the time, at the same rate.
        series.processorMicroseconds.append(spent * 1_000_000 / (rate * (seconds + warmUp)))
    }

    private static func number(_ text: String?) -> Double? { text.flatMap { Double($0) } }

    private static func rounded(_ value: Double, _ unit: Double) -> Double { (value * unit).rounded() / unit }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}
