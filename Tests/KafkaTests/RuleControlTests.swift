import CLibrdkafka
import Foundation
import Testing

@testable import Kafka

/// What the rules are for: the same things done against them, in processes of their own.
@Suite("Rules of the client library, broken on purpose") struct RuleControlTests {
    /// The library that the rules were measured on; a newer one may have fixed it.
    static let isMeasuredLibrary = rd_kafka_version() <= 0x0200_02ff
    static let reason: Comment = "the control shows what librdkafka 2.0.2 does; this one is newer"

    enum Outcome: Equatable {
        case ended(Int32)
        case killed(Int32)
    }

    /// Runs one control of the program beside the tests and returns how it ended.
    static func control(_ name: String) async throws -> Outcome {
        let own = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let process = Process()
        process.executableURL = own.deletingLastPathComponent().appending(path: "KafkaControls")
        process.arguments = [name]
        // No backtrace of a crash that is wished for.
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { process in
                let isSignal = process.terminationReason == .uncaughtSignal
                continuation.resume(
                    returning: isSignal ? .killed(process.terminationStatus) : .ended(process.terminationStatus))
            }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }

    @Test("kept, the rules end well") func plain() async throws {
        #expect(try await Self.control("plain") == .ended(0))
    }

    @Test(
        "single headers on a record for a partition that does not exist crash the process",
        .enabled(if: isMeasuredLibrary, reason))
    func headers() async throws {
        let outcome = try await Self.control("headers")
        #expect([.killed(SIGABRT), .killed(SIGSEGV)].contains(outcome))
    }

    @Test(
        "a list of partitions that were paused holds them: destroying a client before it never returns",
        .enabled(if: isMeasuredLibrary, reason))
    func pausing() async throws {
        #expect(try await Self.control("pause") == .killed(SIGALRM))
    }

    @Test(
        "with a low queued.min.messages each round of records waits for a fixed second",
        .enabled(if: isMeasuredLibrary, reason))
    func queueThreshold() async throws {
        #expect(try await Self.control("queue") == .ended(3))
    }

    @Test("our headers on a record for a partition that does not exist are an error, many times over")
    func ourHeaders() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.stop() }
        try broker.create(topic: "t", partitions: 2)
        let producer = try Producer(broker.properties)
        try await producer.warmUp(topics: ["t"], timeout: .seconds(5))
        let record = OutgoingRecord(topic: "t", partition: 77, key: [], value: [1], headers: [RecordHeader("a", [1])])
        for _ in 0..<100 {
            let error = await #expect(throws: KafkaError.self) { try await producer.send(record) }
            #expect(error?.code == .unknownTopic)
        }
        await producer.close(timeout: .seconds(2))
    }
}
