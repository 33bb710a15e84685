import Glibc
import Kafka
import Limiter
import RateLimit
import Synchronization
import Telemetry

/// The rate limit on a real Kafka: cold verdicts beside a bare produce-and-read-back, and one limit hammered through
/// several processes' limiters at once, counted from the callers' side.
enum RateLimitOnKafka {
    /// `BOOTSTRAP [SECONDS [LIMITERS [TASKS]]]`
    static func run(_ words: [String]) async throws {
        guard let bootstrap = words.first else { return print("limit-kafka BOOTSTRAP [SECONDS [LIMITERS [TASKS]]]") }
        let numbers = words.dropFirst().compactMap { Int($0) }
        let properties = ClientProperties(bootstrapServers: bootstrap)
        try await createTopics(properties)
        let start = ContinuousClock.now
        var limiters: [Limiter] = []
        for _ in 0..<(numbers.count > 1 ? numbers[1] : 4) {
            let limiter = Limiter(
                LimiterSettings(properties), metrics: Metrics(), log: Log(process: "bench", level: .warning))
            try await limiter.start()
            limiters.append(limiter)
        }
        print("\(limiters.count) limiters ready after \(ContinuousClock.now - start)")
        try await bare(properties)
        await cold(limiters[0])
        await hammer(limiters, seconds: numbers.first ?? 130, tasks: numbers.count > 2 ? numbers[2] : 8)
        for limiter in limiters { await limiter.stop(by: .now + .seconds(2)) }
    }

    private static func createTopics(_ properties: ClientProperties) async throws {
        let admin = try Admin(properties)
        _ = try await admin.create(
            [
                TopicSpecification(
                    name: "ratelimit", partitions: 24, configuration: ["message.timestamp.type": "LogAppendTime"]),
                TopicSpecification(name: "control", partitions: 1, configuration: [:]),
                TopicSpecification(name: "bare", partitions: 1, configuration: [:]),
            ], timeout: .seconds(10))
        await admin.close()
    }

    /// What the same clients take to append a record and read it back.
    private static func bare(_ properties: ClientProperties) async throws {
        let producer = try Producer(properties, lingerMilliseconds: 0)
        let reader = try await TopicReader(properties, topic: "bare", start: [0: .end])
        var times: [Duration] = []
        for round in 0..<600 {
            let start = ContinuousClock.now
            producer.post(OutgoingRecord(topic: "bare", partition: 0, key: [], value: [UInt8](repeating: 1, count: 80)))
            {
                print("bare: \($0)")
            }
            while let records = try await reader.next(maximum: 100), records.isEmpty {}
            if round >= 100 { times.append(ContinuousClock.now - start) }
        }
        report("bare append and read-back", times)
        await reader.close(timeout: .seconds(1))
        await producer.close(timeout: .seconds(1))
    }

    /// A verdict on a limit that nobody has asked for before.
    private static func cold(_ limiter: Limiter) async {
        var times: [Duration] = []
        for round in 0..<600 {
            let id = LimitID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
            let start = ContinuousClock.now
            let answer = await limiter.permit(
                of: LimitTerms(id: id, configured: VersionedLimit(limit: 300, version: 1)))
            if round >= 100 { times.append(ContinuousClock.now - start) }
            if answer.verdict != .granted { print("cold: \(answer.verdict)") }
        }
        report("cold verdict", times)
    }

    private static func report(_ what: String, _ times: [Duration]) {
        let sorted = times.sorted()
        func milliseconds(_ share: Double) -> Double {
            (sorted[Int(Double(sorted.count - 1) * share)] / .microseconds(10)).rounded() / 100
        }
        print("\(what): p50 \(milliseconds(0.5)) ms, p99 \(milliseconds(0.99)) ms, p99.9 \(milliseconds(0.999)) ms")
    }

    private final class Tallies: Sendable {
        let tally = Mutex(Tally())
    }

    private struct Tally {
        /// Of admitted requests: when they were sent, and when their answer came.
        var admitted: [(sent: ContinuousClock.Instant, answered: ContinuousClock.Instant)] = []
        var refused = 0
        var unavailable: [String: Int] = [:]
    }

    private static func hammer(_ limiters: [Limiter], seconds: Int, tasks: Int) async {
        let id = LimitID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
        let end = ContinuousClock.now + .seconds(seconds)
        let tallies = Tallies()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    let limiter = limiters[task % limiters.count]
                    while ContinuousClock.now < end {
                        let sent = ContinuousClock.now
                        let answer = await limiter.permit(
                            of: LimitTerms(id: id, configured: VersionedLimit(limit: 300, version: 1)))
                        let answered = ContinuousClock.now
                        tallies.tally.withLock { tally in
                            switch answer.verdict {
                            case .granted: tally.admitted.append((sent, answered))
                            case .unavailable(let why): tally.unavailable["\(why)", default: 0] += 1
                            default: tally.refused += 1
                            }
                        }
                        // A caller's own pace: 50 requests a second and task.
                        try? await Task.sleep(for: .milliseconds(20))
                    }
                }
            }
        }
        let result = tallies.tally.withLock { $0 }
        let admitted = result.admitted.sorted { $0.answered < $1.answered }
        print("hammered for \(seconds) s: \(admitted.count) admitted, \(result.refused) refused, \(result.unavailable)")
        print("worst window that can be proven: \(provenWorst(admitted)) of 300; used \(used(admitted)) %")
    }

    /// The most requests that were sent after some t and answered before t + 60 s.
    private static func provenWorst(
        _ admitted: [(sent: ContinuousClock.Instant, answered: ContinuousClock.Instant)]
    ) -> Int {
        let starts = admitted.map(\.sent).sorted()
        return starts.reduce(0) { worst, start in
            max(worst, admitted.count { $0.sent >= start && $0.answered < start + .seconds(60) })
        }
    }

    private static func used(_ admitted: [(sent: ContinuousClock.Instant, answered: ContinuousClock.Instant)]) -> Double
    {
        guard admitted.count > 300 else { return 0 }
        let spans = (300..<admitted.count).map { (admitted[$0].answered - admitted[$0 - 300].answered) / .seconds(1) }
        return (60_000 * Double(spans.count) / spans.reduce(0, +)).rounded() / 10
    }
}
