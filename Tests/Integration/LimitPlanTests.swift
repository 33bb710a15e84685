import Access
import Control
import Foundation
import HTTP
import Kafka
import Support
import Testing

/// A limit's number as an operator changes it: one for all tokens that share it, on every process.
@Suite("A plan's limit", .enabled(if: RealKafka.isHere), .serialized)
struct LimitPlanTests {
    @Test(
        "changed through one token it holds for all that share it, and an older word never beats a newer",
        .timeLimit(.minutes(3)))
    func shared() async throws {
        let fleet = try await IngestFleet(processes: 2, brokers: 1)
        let first = try await fleet.run(["token", "create", "--account", "Shop", "--limit", "20"])
        // Changes that say nothing of the limit raise this token's version above the other's.
        for label in ["a", "b", "c"] { _ = try await fleet.run(["token", "set", Self.id(first), "--label", label]) }
        let second = try await fleet.run(["token", "create", "--account", "Shop", "--share-limit", Self.id(first)])
        let limitID = try await fleet.limitID(of: Self.id(first))
        try await expect(20, fleet, [first, second])
        #expect(try await granted(fleet, [first, second], atMost: 25) == 20)

        // The token with the lower version changes it: permits come free for the other one too.
        _ = try await fleet.run(["token", "set", Self.id(second), "--limit", "30"])
        try await expect(30, fleet, [first, second])
        #expect(try await granted(fleet, [first, second], atMost: 15) == 10)

        try await publish(LimitSetting(limitID: limitID, limit: 20), fleet)
        for process in 0...1 {
            try await eventually("the old record was read", within: .seconds(5)) {
                try await fleet.metrics(of: process).contains(
                    #"orderrelay_control_records_total{effect="stale"} 1"#)
            }
        }
        try await expect(30, fleet, [first, second])

        _ = try await fleet.run(["token", "set", Self.id(first), "--limit", "25"])
        try await expect(25, fleet, [first, second])
        #expect(try await granted(fleet, [second, first], atMost: 2) == 0, "30 are used, and 25 allowed")
        let list = try await fleet.run(["token", "list"])
        #expect(list.split(separator: "\n").count { $0.contains("\t25/60s\t") } == 2, "\(list)")
        let shown = try await fleet.run(["ratelimit", "show", "--limit", limitID])
        #expect(shown.contains("requests in any 60 s\t25"), "\(shown)")

        // A replacement inherits the limit as it is now.
        let third = try await fleet.run(["token", "rotate", Self.id(first)])
        try await expect(25, fleet, [third])
        try await fleet.stop()
    }

    private static func id(_ token: String) -> String { String(token.dropFirst(3).prefix(16)) }

    /// Within 2 s both processes say so for each token. Asking costs no permit, and may be done once a second.
    private func expect(_ limit: Int, _ fleet: IngestFleet, _ tokens: [String]) async throws {
        let deadline = ContinuousClock.now + .seconds(2)
        for token in tokens {
            for process in 0...1 {
                try await eventually("\(limit) requests are allowed", within: max(.seconds(1.2), deadline - .now)) {
                    let answer = try await fleet.send(.get, "/usage", token: token, process: process)
                    return String(decoding: answer.body, as: UTF8.self).contains(#""limit":\#(limit),"#)
                }
            }
        }
    }

    /// How many requests are admitted, through both tokens and processes in turn, until one is refused by each.
    private func granted(_ fleet: IngestFleet, _ tokens: [String], atMost: Int) async throws -> Int {
        var granted = 0
        var refused = Set<Int>()
        for number in 0..<atMost where refused.count < 2 {
            let answer = try await fleet.send(.get, "/me", token: tokens[number % 2], process: number / 2 % 2)
            try #require([200, 429].contains(answer.status), "\(String(decoding: answer.body, as: UTF8.self))")
            if answer.status == 200 { granted += 1 } else { refused.insert(number % 2) }
        }
        return granted
    }

    /// What a process that was frozen in the middle of draining the outbox may do when it is thawed.
    private func publish(_ limit: LimitSetting, _ fleet: IngestFleet) async throws {
        let record = ControlRecord.limit(limit)
        let producer = try Producer(fleet.kafka.properties)
        _ = try await producer.send(
            OutgoingRecord(topic: ControlSnapshot.topic, key: Array(record.key.utf8), value: record.encoded()))
        await producer.close(timeout: .seconds(5))
    }
}
