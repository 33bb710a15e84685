/// What `load` prints at its end, in columns with tabs between. Pure.
enum LoadTable {
    static func lines(_ tally: LoadTally, sent: Int, during sending: Duration) -> [String] {
        let perSecond = Double(sent) / (sending / .seconds(1))
        var lines = ["requests\t\(sent)\t\(rounded(perSecond))/s"]
        for (status, count) in tally.answers.sorted(by: { $0.key < $1.key }) {
            lines.append("answered\t\(status == 0 ? "not" : "\(status)")\t\(count)")
        }
        let shares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("longest", 1)]
        for ((name, _), latency) in zip(shares, tally.latencies(at: shares.map(\.1))) {
            lines.append("latency\t\(name)\t\(rounded(latency)) ms")
        }
        lines.append("orders accepted\t\(tally.accepted.count)")
        lines.append("payments accepted\t\(tally.accepted.values.reduce(0, +))")
        return lines
    }

    private static func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}
