import Database
import Foundation
import HTTP
import Ledger
import Orders
import Sandbox
import Support
import Testing

/// A worker that stands still for longer than its lease, and then goes on as if nothing had been.
@Suite struct FreezeTests {
    /// Where the one that took the row over is when the first is thawed.
    enum Other: CaseIterable {
        /// The row is closed: its state alone refuses what comes late.
        case done
        /// The row is in flight, as it was when the first was frozen: only owner and lease number tell the two apart.
        case attempting
    }

    @Test(
        "a worker frozen past its lease and thawed writes nothing over the outcome of the one that took over",
        .timeLimit(.minutes(3)), arguments: Other.allCases)
    func frozen(other at: Other) async throws {
        let scene = try await CrashScene()
        // The server says nothing to the first message's RCPT: the worker is in the middle of an attempt.
        scene.sandbox.mailFaults.add(.init(.rcpt, .hang))
        try await scene.publish(1)
        let adminPort = FreePorts.take(1)[0]
        let frozen = try scene.start("confirmations", adminPort: adminPort)
        try await eventually("the first worker is in the middle of its attempt", within: .seconds(60)) {
            scene.sandbox.mailFaults.waiting.isEmpty
        }
        try await Self.freeze(frozen.processID, ledger: scene.bench.folder.appending(path: "ledger.db"))
        if at == .attempting { scene.sandbox.mailFaults.add(.init(.rcpt, .hang)) }
        let other = try scene.start("confirmations")
        try await eventually("the other worker has taken the row over", within: .seconds(100)) {
            switch at {
            case .done: try await scene.bench.states("confirmations", "email") == [.done: 1]
            case .attempting: scene.sandbox.mailFaults.waiting.isEmpty
            }
        }
        kill(frozen.processID, SIGCONT)
        try await eventually("the thawed one's outcome is refused", within: .seconds(10)) {
            try await Self.counter("orderrelay_delivery_fenced_outcomes_total", at: adminPort) >= 1
        }
        try await eventually("the order is confirmed", within: .seconds(60)) {
            try await scene.bench.states("confirmations", "email") == [.done: 1]
        }
        #expect(scene.copies().values.map(\.count) == [1])
        // Of the thawed one's attempt nothing is noted: the timeline has those that counted.
        let timeline = try await scene.bench.ledger.timeline(of: event(1).order, account: "acme")
        let outcomes = timeline.filter { $0.kind == .attempt || $0.kind == .done }.compactMap(\.outcome)
        #expect(outcomes == (at == .done ? ["done"] : ["retry", "done"]), "\(outcomes)")
        // Foundation takes a stopped child for an ended one, so its end is looked for by hand.
        kill(frozen.processID, SIGTERM)
        try await eventually("the thawed one ends") { ProcessState.hasEnded(frozen.processID) }
        #expect(await other.stop() == 0)
        try await scene.end()
    }

    /// Stops a process while the ledger's write lock is in our own hand: so it is never in that one's, where it would
    /// keep everybody else from writing until the thaw.
    private static func freeze(_ process: Int32, ledger: URL) async throws {
        let database = try SQLiteDatabase(
            path: ledger.path,
            fenceHeld: {
                kill(process, SIGSTOP)
                while !ProcessState.hasStopped(process) { usleep(1_000) }
            }, now: { 0 })
        _ = try await database.transaction([Statement("UPDATE beat SET count = count", isFence: true)])
        await database.close()
    }

    /// A counter of a process on this machine, over all its labels.
    private static func counter(_ name: String, at adminPort: Int) async throws -> Double {
        let client = Client()
        defer { client.close() }
        let request = ClientRequest(.get, "http://127.0.0.1:\(adminPort)/metrics")
        let text = String(decoding: try await client.send(request).body, as: UTF8.self)
        return text.split(separator: "\n").filter { $0.hasPrefix(name) }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }
}
