import Foundation
import Kafka
import Ledger
import Orders
import Support
import Testing

/// A replay by the program itself, and the death of the process that makes its steps.
@Suite struct ReplayCrashTests {
    private static let orders = 40

    @Test("a worker killed in the middle of a replay: another goes on, and each delivery is replayed once")
    func resumed() async throws {
        let scene = try await CrashScene()
        let ledger = scene.bench.ledger
        try await scene.publish(Self.orders)
        let first = try scene.start("confirmations")
        try await eventually("every order is confirmed", within: .seconds(100)) {
            try await scene.bench.states("confirmations", "email") == [.done: Int64(Self.orders)]
        }
        let command = try Program(
            [
                "replay", "--destination", "email", "--state", "done", "--again", "--rate", "10", "--name", "drill",
                "--author", "olena",
            ],
            environment: [
                "DATABASE_URL": "sqlite:\(scene.bench.folder.path)/ledger.db",
                "KAFKA_BOOTSTRAP_SERVERS": scene.bench.broker.bootstrapServers,
            ], in: scene.bench.folder)
        var id: String?
        while id == nil, let line = await command.line() {
            let words = line.split(separator: "\t")
            if words.first == "replay", words.count == 2 { id = String(words[1]) }
        }
        let replay = try #require(id, "the command made no replay")
        try await eventually("the replay has begun", within: .seconds(60)) {
            try await ledger.replay(replay)?.count(.replayed) ?? 0 > 0
        }
        first.signal(SIGKILL)
        #expect(await first.status() == SIGKILL)
        let before = try #require(try await ledger.replay(replay))
        #expect(before.state == .running && before.count(.replayed) < Self.orders, "it was over before")

        let second = try scene.start("confirmations")
        try await eventually("the replay is done", within: .seconds(100)) {
            try await ledger.replay(replay)?.state == .done
        }
        #expect(await command.status() == 0)
        #expect(try await ledger.replay(replay)?.count(.replayed) == Int64(Self.orders))
        // What was being attempted comes back when its lease is over.
        try await eventually("every order is confirmed once more", within: .seconds(100)) {
            try await scene.bench.states("confirmations", "email") == [.done: Int64(Self.orders)]
        }
        #expect(await second.stop() == 0)
        try await scene.checkBooks(of: "confirmations", planned: Self.orders)
        let copies = scene.copies()
        #expect(scene.missing(from: copies, of: Self.orders).isEmpty)
        #expect(copies.values.allSatisfy { $0.count >= 2 && Set($0).count == 1 }, "a repetition has its first's id")
        // At least once: more than twice only what was on its way at the death.
        #expect(copies.values.count { $0.count > 2 } <= 16)
        let entries = try await ledger.timeline(of: orderID(1), account: "acme")
        #expect(entries.filter { $0.kind == .done }.count == 2)
        #expect(entries.first { $0.kind == .replayed }?.detail["author"] == "olena")
        try await scene.end()
    }
}
