import HTTP

/// What `load` prints at its end, in columns with tabs between. Pure.
enum LoadTable {
    static func lines(_ tally: LoadTally, sent: Int, during sending: Duration) -> [String] {
        let perSecond = Double(sent) / (sending / .seconds(1))
        var lines = ["requests\t\(sent)\t\(rounded(perSecond))/s"]
        lines += tally.outcomes.map { outcome, count in "\(words(outcome))\t\(count)" }.sorted()
        let shares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("longest", 1)]
        for ((name, _), latency) in zip(shares, tally.latencies(at: shares.map(\.1))) {
            lines.append("latency\t\(name)\t\(rounded(latency)) ms")
        }
        lines.append("orders accepted\t\(tally.accepted.count)")
        lines.append("payments accepted\t\(tally.accepted.values.reduce(0, +))")
        return lines
    }

    private static func words(_ outcome: LoadAnswer.Outcome) -> String {
        switch outcome {
        case .status(let status): "answered\t\(status)"
        case .unanswered(let code): "unanswered\t\(words(code))"
        }
    }

    private static func words(_ code: ClientError.Code) -> String {
        switch code {
        case .invalidRequest: "the request is invalid"
        case .refusedAddress: "the address is refused"
        case .cannotResolve: "the name cannot be resolved"
        case .cannotConnect: "no connection"
        case .untrustedCertificate: "the certificate is not trusted"
        case .timedOut: "timed out"
        case .answerTooLarge: "the answer is too large"
        case .closed: "the connection was closed"
        case .other: "other"
        }
    }

    private static func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}
