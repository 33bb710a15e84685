import Telemetry

/// What one count, one recorded duration and one line of the log cost.
enum TelemetryBenchmark {
    @Sendable static func run(_ words: [String]) {
        let metrics = Metrics()
        let counter = metrics.counter("benchmark_total", "Benchmark.", labels: ["path", "reason"])
        let kept = counter.labelled("orders", "accepted")
        let histogram = metrics.histogram("benchmark_seconds", "Benchmark.").labelled()
        let log = Log(process: "benchmark", write: { _ in })
        let quiet = Log(process: "benchmark", level: .info, write: { _ in })
        report("count on a kept series", 10_000_000) { kept.add() }
        report("count by label values", 1_000_000) { counter.add(1, "orders", "accepted") }
        report("record a duration", 10_000_000) { histogram.record(0.003) }
        report("debug line that is not written", 10_000_000) { quiet.debug("no \(kept.value)") }
        report("line of the log with three fields, made", 200_000) {
            log.info("order accepted", ["order": "0123456789abcdef01234567", "partition": "7", "took": "3"])
        }
    }

    private static func report(_ what: String, _ count: Int, _ work: () -> Void) {
        for _ in 0..<(count / 10) { work() }
        let began = ContinuousClock.now
        for _ in 0..<count { work() }
        let took = ContinuousClock.now - began
        let nanoseconds =
            (Double(took.components.seconds) * 1e9 + Double(took.components.attoseconds) * 1e-9) / Double(count)
        print("\(what): \((nanoseconds * 10).rounded() / 10) ns")
    }
}
