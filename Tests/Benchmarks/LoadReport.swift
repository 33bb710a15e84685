/// What a load generator saw after the warm-up.
struct LoadReport: Sendable {
    var connections = 0
    var seconds = 0.0
    /// Answers by status.
    var statuses: [Int: Int] = [:]
    /// Connections that ended or could not be read while an answer was due.
    var broken = 0
    /// Microseconds from sending a request to its whole answer, in ascending order; of the first twenty million answers.
    var latencies: [UInt32] = []

    var answers: Int { statuses.values.reduce(0, +) }
    var rate: Double { seconds > 0 ? Double(answers) / seconds : 0 }

    /// The latency, in milliseconds, that so much of the answers did not exceed.
    func milliseconds(at share: Double) -> Double {
        guard !latencies.isEmpty else { return 0 }
        return Double(latencies[min(latencies.count - 1, Int(Double(latencies.count) * share))]) / 1000
    }

    /// One line, `key=value` words, for a reader and for ``init(line:)``.
    var line: String {
        let statuses = statuses.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
        return "connections=\(connections) seconds=\(rounded(seconds)) answers=\(answers) rate=\(Int(rate)) "
            + "p50_ms=\(rounded(milliseconds(at: 0.5))) p99_ms=\(rounded(milliseconds(at: 0.99))) "
            + "p999_ms=\(rounded(milliseconds(at: 0.999))) max_ms=\(rounded(milliseconds(at: 1))) "
            + "statuses=\(statuses) broken=\(broken)"
    }

    private func rounded(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let rest = "\(thousandths % 1000)"
        return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    /// The words of a line that another process printed.
    static func words(of line: String) -> [String: String] {
        var words: [String: String] = [:]
        for word in line.split(separator: " ") {
            let halves = word.split(separator: "=", maxSplits: 1)
            if halves.count == 2 { words[String(halves[0])] = String(halves[1]) }
        }
        return words
    }
}
