import Kafka
import Limiter
import RateLimit
import Support
import Telemetry
import Testing

@Suite("The auditor that never ends", .needsRealKafka, .serialized)
struct LimitAuditorTests {
    @Test("what was admitted too much is on its metrics, once, as soon as it is on the topic", .timeLimit(.minutes(2)))
    func counts() async throws {
        let kafka = try await RealKafka.ownCluster()
        let admin = try Admin(kafka.properties)
        _ = try await admin.create(
            [
                TopicSpecification(
                    name: "ratelimit", partitions: 2, configuration: ["message.timestamp.type": "LogAppendTime"])
            ], timeout: .seconds(20))
        await admin.close()
        let producer = try Producer(kafka.properties)
        let metrics = Metrics()
        let auditor = LimitAuditor(kafka.properties, metrics: metrics, log: Log(process: "test", write: { _ in }))

        // Ten of ten, before it starts.
        try await append(.init(sequence: 1, need: 10), .init(sequence: 2, uses: 10, of: 1), to: producer)
        try await auditor.start()
        #expect(auditor.notReady == nil)
        #expect(metrics.rendered().contains("orderrelay_ratelimit_overadmission_total 0"))
        #expect(metrics.rendered().contains("orderrelay_ratelimit_audited_admissions_total 10"))

        // Three more, within the same minute.
        try await append(.init(sequence: 3, need: 3), .init(sequence: 4, uses: 3, of: 3), to: producer)
        let deadline = ContinuousClock.now + .seconds(20)
        while !metrics.rendered().contains("orderrelay_ratelimit_overadmission_total 3"), .now < deadline {
            // It judges once a second, when something comes: other processes' probes, here one of ours.
            try await send(.probe(Probe(process: ProcessID(1), sequence: 1, alarmRemaining: 0)), to: producer)
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(metrics.rendered().contains("orderrelay_ratelimit_overadmission_total 3"))
        await auditor.stop(by: .now + .seconds(2))
        await producer.close(timeout: .seconds(2))
        kafka.wipe()
    }

    private struct Told {
        var sequence: UInt64
        var need = 0
        var uses = 0
        var of: UInt64 = 0
    }

    private func append(_ all: Told..., to producer: Producer) async throws {
        for told in all {
            let settlements =
                told.uses > 0
                ? [Settlement(sequence: told.of, part: .waiting, uses: [.init(ageSteps: 0, count: told.uses)])] : []
            try await send(
                .claim(
                    Claim(
                        limitID: LimitID(high: 0, low: 1), process: ProcessID(1), sequence: told.sequence,
                        configurationVersion: 1, limit: 10, need: told.need, settlements: settlements)), to: producer)
        }
    }

    private func send(_ record: LimitRecord, to producer: Producer) async throws {
        _ = try await producer.send(
            OutgoingRecord(topic: "ratelimit", partition: 0, key: [], value: record.encoded()))
    }
}
