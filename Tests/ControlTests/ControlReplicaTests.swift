import Access
import Kafka
import Telemetry
import Testing

@testable import Control

@Suite("The replica of topic control", .timeLimit(.minutes(1)))
struct ControlReplicaTests {
    @Test("what was on the topic is known once it has started, and it is not ready before")
    func replay() async throws {
        let control = try await ControlBroker()
        for number in 0..<300 {
            let record = ControlRecord.token(tokenRecord("t\(number)"))
            try await control.publish(record.key, record.encoded())
        }
        try await control.publish("token/t7", nil)
        let replica = control.replica()
        #expect(replica.notReady == "not started")
        try await replica.start()
        #expect(replica.notReady == nil)
        #expect(replica.token("t299") == tokenRecord("t299"))
        #expect(replica.token("t7") == nil)
        await control.stop(replica)
    }

    @Test("an empty topic is read to its end at once")
    func empty() async throws {
        let control = try await ControlBroker()
        let replica = control.replica()
        try await replica.start()
        #expect(replica.notReady == nil && replica.token("t1") == nil)
        await control.stop(replica)
    }

    @Test("foreign records, also empty ones and one of 1 MB, are counted, and what follows them is read")
    func strange() async throws {
        let control = try await ControlBroker(partitions: 1)
        let newer = #"{"schema":2,"id":"t1"}"#
        let large = [UInt8](repeating: UInt8(ascii: "["), count: 990_000)
        for value in [[], Array("garbage".utf8), Array(newer.utf8), large] as [[UInt8]] {
            try await control.publish("token/t1", value)
        }
        try await control.publish("plan/gold", Array("{}".utf8))
        try await control.publish("", Array("{}".utf8))
        let record = ControlRecord.token(tokenRecord("t2"))
        try await control.publish(record.key, record.encoded())
        let replica = control.replica()
        try await replica.start()
        #expect(replica.token("t2") == tokenRecord("t2"))
        #expect(replica.token("t1") == nil)
        let metrics = control.metrics.rendered()
        #expect(metrics.contains("orderrelay_control_records_total{effect=\"malformed\"} 4"))
        #expect(metrics.contains("orderrelay_control_records_total{effect=\"unknown\"} 2"))
        await control.stop(replica)
    }
}
