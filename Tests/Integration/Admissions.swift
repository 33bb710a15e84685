/// What callers can prove of a limit.
enum Admissions {
    /// A request that was admitted, as its caller saw it.
    struct Request: Sendable {
        var sent: ContinuousClock.Instant
        var answered: ContinuousClock.Instant
    }

    /// The most requests that were sent at or after some instant and answered within the 60 s after it: each of them was
    /// admitted in between, whatever the instant of its admission was.
    static func worst(of requests: [Request]) -> Int {
        requests.map { first in
            requests.count { $0.sent >= first.sent && $0.answered < first.sent + .seconds(60) }
        }.max() ?? 0
    }

    /// How much of a limit was used, in per cent: how long it took, on average, to be admitted as often again. Says
    /// nothing (0) until the limit was used up once.
    static func used(of requests: [Request], limit: Int) -> Double {
        let times = requests.map(\.answered).sorted()
        guard times.count > limit else { return 0 }
        let spans = (limit..<times.count).map { (times[$0] - times[$0 - limit]) / .seconds(1) }
        return (60_000 * Double(spans.count) / spans.reduce(0, +)).rounded() / 10
    }
}
