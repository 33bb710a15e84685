import Foundation
import Kafka
import Limiter
import RateLimit
import Support
import Synchronization
import Telemetry
import Testing

/// Four limiters, as four `ingest` processes have them, on three brokers of which one is killed meanwhile.
@Suite("The rate limit on real Kafka", .enabled(if: RealKafka.isHere), .serialized, .timeLimit(.minutes(5)))
struct LimiterOnKafkaTests {
    private struct Admission: Sendable {
        var sent: ContinuousClock.Instant
        var answered: ContinuousClock.Instant
    }

    /// What the callers saw.
    private final class Callers: Sendable {
        let admitted = Mutex<[Admission]>([])
        let unavailable = Mutex(0)
    }

    private static let configured = VersionedLimit(limit: 60, version: 1)

    private func limiters(_ count: Int, on properties: ClientProperties) async throws -> [Limiter] {
        let admin = try Admin(properties)
        _ = try await admin.create(
            [
                TopicSpecification(
                    name: "ratelimit", partitions: 6, configuration: ["message.timestamp.type": "LogAppendTime"]),
                TopicSpecification(name: "control", partitions: 1, configuration: [:]),
            ], timeout: .seconds(20))
        await admin.close()
        var limiters: [Limiter] = []
        for _ in 0..<count {
            let limiter = Limiter(
                LimiterSettings(properties), metrics: Metrics(), log: Log(process: "test", write: { _ in }))
            try await limiter.start()
            limiters.append(limiter)
        }
        return limiters
    }

    /// The most requests that were sent after some t and answered before t + 60 s: what can be proven.
    private func provenWorst(_ admitted: [Admission]) -> Int {
        admitted.reduce(0) { worst, first in
            max(worst, admitted.count { $0.sent >= first.sent && $0.answered < first.sent + .seconds(60) })
        }
    }

    private static func terms(_ limitID: String) throws -> LimitTerms {
        LimitTerms(id: try #require(LimitID(hexadecimal: limitID)), configured: configured)
    }

    @Test("never one admission too many while a broker is killed and comes back, and the auditor agrees")
    func brokerKilled() async throws {
        let kafka = try RealKafka(brokers: 3)
        defer { kafka.wipe() }
        let properties = ClientProperties(bootstrapServers: kafka.bootstrapServers)
        let limiters = try await limiters(4, on: properties)
        let limitID = "a0000000b0000000c0000000d0000000"
        let terms = try Self.terms(limitID)
        let callers = Callers()
        let end = ContinuousClock.now + .seconds(100)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    while ContinuousClock.now < end {
                        let sent = ContinuousClock.now
                        let answer = await limiters[task % 4].permit(of: terms)
                        let admission = Admission(sent: sent, answered: .now)
                        switch answer.verdict {
                        case .granted: callers.admitted.withLock { $0.append(admission) }
                        case .unavailable: callers.unavailable.withLock { $0 += 1 }
                        default: break
                        }
                        // A caller's own pace.
                        try await Task.sleep(for: .milliseconds(50))
                    }
                }
            }
            group.addTask {
                try await Task.sleep(for: .seconds(25))
                try kafka.call("kill", "2")
                try await Task.sleep(for: .seconds(10))
                try kafka.call("restart", "2")
            }
            try await group.waitForAll()
        }
        let admitted = callers.admitted.withLock { $0 }
        #expect(provenWorst(admitted) <= 60)
        #expect(admitted.count >= 100, "100 s allow 60, and 40 s more nearly as many")
        print("admitted \(admitted.count), worst window \(provenWorst(admitted)) of 60, 503 for", terminator: " ")
        print(callers.unavailable.withLock { $0 })
        for limiter in limiters { await limiter.stop(by: .now + .seconds(2)) }

        let audited = try await LimitAudit.run(properties)
        let report = try #require(audited.first { "\($0.limitID)" == limitID }?.report)
        #expect(report.overAdmissions == 0)
        #expect(report.admissions <= admitted.count)
        #expect(Double(report.admissions) >= 0.8 * Double(admitted.count))
    }

    @Test("a process that starts in the middle of the log takes over where others are")
    func lateStart() async throws {
        let kafka = try #require(RealKafka.shared)
        let properties = ClientProperties(bootstrapServers: kafka.bootstrapServers)
        let first = try await limiters(1, on: properties)[0]
        let terms = try Self.terms("a1000000b0000000c0000000d0000000")
        for _ in 0..<60 {
            #expect(await first.permit(of: terms).verdict == .granted)
        }
        let second = try await limiters(1, on: properties)[0]
        #expect(await second.permit(of: terms).verdict.isRefused)
        #expect(second.usage(of: terms)?.fields.remaining == 0)
        await first.stop(by: .now + .seconds(2))
        await second.stop(by: .now + .seconds(2))
    }

    @Test("a topic that its producers stamp is refused, with the remedy")
    func producerTime() async throws {
        let kafka = try RealKafka(brokers: 1)
        defer { kafka.wipe() }
        let properties = ClientProperties(bootstrapServers: kafka.bootstrapServers)
        let admin = try Admin(properties)
        _ = try await admin.create(
            [TopicSpecification(name: "ratelimit", partitions: 2, configuration: [:])], timeout: .seconds(20))
        await admin.close()
        let limiter = Limiter(
            LimiterSettings(properties), metrics: Metrics(), log: Log(process: "test", write: { _ in }))
        let start = Task { try await limiter.start() }
        let deadline = ContinuousClock.now + .seconds(30)
        while limiter.notReady?.contains("message.timestamp.type=LogAppendTime") != true, .now < deadline {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(limiter.notReady?.contains("message.timestamp.type=LogAppendTime") == true)
        await limiter.stop(by: .now + .seconds(2))
        try await start.value
    }
}

extension PermitDecision {
    fileprivate var isRefused: Bool { if case .refused = self { true } else { false } }
}
