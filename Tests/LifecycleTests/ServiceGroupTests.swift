import Glibc
import Synchronization
import Telemetry
import Testing

@testable import Lifecycle

/// What happened, in order.
final class Journal: Sendable {
    private let lines = Mutex<[String]>([])
    func note(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

/// A service that notes what is done with it.
final class Noted: Service {
    let name: String
    let journal: Journal
    let starting: @Sendable () async throws -> Void
    let stopping: @Sendable () async -> Void
    init(
        _ name: String, _ journal: Journal, starting: @escaping @Sendable () async throws -> Void = {},
        stopping: @escaping @Sendable () async -> Void = {}
    ) {
        self.name = name
        self.journal = journal
        self.starting = starting
        self.stopping = stopping
    }
    func start() async throws {
        journal.note("\(name) starts")
        try await starting()
        journal.note("\(name) serves")
    }
    var notReady: String? { nil }
    func stop(by deadline: ContinuousClock.Instant) async {
        await stopping()
        journal.note("\(name) stopped")
    }
}

/// A gate that opens once.
final class Gate: Sendable {
    private let race = Race()
    func open() { race.won(by: .stopped) }
    func wait() async { _ = await race.winner() }
}

struct Trouble: Error, CustomStringConvertible { let description = "port 80 is taken" }

@Suite struct ServiceGroupTests {
    let journal = Journal()
    let logged = Journal()
    var log: Log { Log(process: "test", write: logged.note) }
    let signals = Signals { _ in }

    @Test("services start in order and stop in reverse, with status 0 after one signal")
    func order() async {
        let group = ServiceGroup([[Noted("a", journal)], [Noted("b", journal)]], log: log)
        let status = await group.run(until: signals) { [signals] in signals.came(15) }
        #expect(status == .done)
        #expect(journal.all == ["a starts", "a serves", "b starts", "b serves", "b stopped", "a stopped"])
        #expect(logged.all.contains { $0.contains("\"stopping\"") && $0.contains("SIGTERM") })
    }

    @Test("further stages are made once the first have started, and stop before them")
    func later() async {
        let group = ServiceGroup(
            [[Noted("a", journal)]],
            then: { [journal] in
                journal.note("b is made")
                return [[Noted("b", journal)]]
            }, log: log)
        let status = await group.run(until: signals) { [signals] in signals.came(15) }
        #expect(status == .done)
        #expect(
            journal.all == ["a starts", "a serves", "b is made", "b starts", "b serves", "b stopped", "a stopped"])
    }

    @Test("where further stages cannot be made, the process ends with status 1, and says why")
    func notMade() async {
        let group = ServiceGroup([[Noted("a", journal)]], then: { throw Trouble() }, log: log)
        #expect(await group.run(until: signals) == .failed)
        #expect(journal.all == ["a starts", "a serves", "a stopped"])
        #expect(logged.all.contains { $0.contains("port 80 is taken") })
    }

    @Test("after a signal nothing more is made or started")
    func nothingMore() async {
        let gate = Gate()
        let signals = signals
        let first = Noted(
            "a", journal,
            starting: {
                signals.came(15)
                await gate.wait()
            }, stopping: { gate.open() })
        let group = ServiceGroup(
            [[first]],
            then: { [journal] in
                journal.note("b is made")
                return [[Noted("b", journal)]]
            }, log: log)
        #expect(await group.run(until: signals) == .done)
        #expect(!journal.all.contains { $0.hasPrefix("b") })
    }

    @Test("those of one stage start side by side")
    func together() async throws {
        let gate = Gate()
        let first = Noted("first", journal, starting: { await gate.wait() })
        let second = Noted("second", journal, starting: { gate.open() })
        try await ServiceGroup([[first, second]], log: log).start()
        #expect(journal.all.filter { $0.hasSuffix("serves") }.count == 2)
    }

    @Test("a service that cannot start ends the process with status 1; what had started is stopped, the rest not begun")
    func failure() async {
        let group = ServiceGroup(
            [[Noted("a", journal)], [Noted("b", journal, starting: { throw Trouble() })], [Noted("c", journal)]],
            log: log)
        #expect(await group.run(until: signals) == .failed)
        #expect(journal.all == ["a starts", "a serves", "b starts", "b stopped", "a stopped"])
        #expect(logged.all.contains { $0.contains("port 80 is taken") && $0.contains("\"service\":\"b\"") })
    }

    @Test("a signal during the start stops what has begun, also one that waits for ever")
    func signalDuringStart() async {
        let never = Gate()
        let signals = signals
        let waiting = Noted(
            "waiting", journal,
            starting: {
                signals.came(2)
                await never.wait()
            })
        let group = ServiceGroup([[Noted("a", journal)], [waiting], [Noted("c", journal)]], log: log)
        #expect(await group.run(until: signals) == .done)
        #expect(journal.all == ["a starts", "a serves", "waiting starts", "waiting stopped", "a stopped"])
        never.open()
    }

    @Test("a service that does not stop in time cannot keep the process: status 1, and the log names it")
    func late() async {
        let never = Gate()
        let group = ServiceGroup(
            [[Noted("stuck", journal, stopping: { await never.wait() })]], log: log, stopTimeout: .milliseconds(50))
        let status = await group.run(until: signals) { [signals] in signals.came(15) }
        #expect(status == .failed)
        #expect(logged.all.contains { $0.contains("not stopped in time") && $0.contains("stuck") })
        never.open()
    }

    @Test("readiness follows what the group does with each service")
    func readiness() async throws {
        let gate = Gate()
        let begun = Gate()
        let group = ServiceGroup(
            [
                [Noted("a", journal)],
                [
                    Noted(
                        "b", journal,
                        starting: {
                            begun.open()
                            await gate.wait()
                        })
                ], [Noted("c", journal)],
            ],
            log: log)
        let start = Task { try await group.start() }
        await begun.wait()
        #expect(group.readiness.map(\.reason) == [nil, "starting", "waiting for those before it"])
        gate.open()
        try await start.value
        #expect(group.readiness.map(\.reason) == [nil, nil, nil])
        await group.stop()
        #expect(group.readiness.map(\.reason) == ["stopped", "stopped", "stopped"])
    }

    @Test("a group whose further stages are not made yet is not ready, though all that it has serves")
    func notWhole() async throws {
        let group = Mutex<ServiceGroup?>(nil)
        let reasons = Mutex<[String?]>([])
        let made = ServiceGroup(
            [[Noted("a", journal)]],
            then: { [journal] in
                reasons.withLock { $0 = group.withLock { $0 }?.readiness.map(\.reason) ?? [] }
                return [[Noted("b", journal)]]
            }, log: log)
        group.withLock { $0 = made }
        try await made.start()
        #expect(reasons.withLock { $0 } == [nil, "made once these have started"])
        #expect(made.readiness.map(\.reason) == [nil, nil])
        group.withLock { $0 = nil }
    }

    @Test("signals reach their thread, whichever thread they were delivered to")
    func realSignals() async {
        let ended = Race()
        let signals = Signals { ended.won(by: .signal($0)) }
        signals.listen()
        defer { for number in [SIGTERM, SIGINT] { _ = Glibc.signal(number, SIG_DFL) } }
        kill(getpid(), SIGTERM)
        #expect(await signals.first() == SIGTERM)
        kill(getpid(), SIGINT)
        guard case .signal(SIGINT) = await ended.winner() else { return #expect(Bool(false)) }
    }

    @Test("a second signal is the end at once")
    func secondSignal() async {
        let ended = Journal()
        let signals = Signals { ended.note("ended by \($0)") }
        signals.came(15)
        #expect(ended.all.isEmpty)
        signals.came(2)
        #expect(await signals.first() == 15)
        #expect(ended.all == ["ended by 2"])
    }
}
