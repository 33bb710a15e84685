import Glibc
import Primitives
import Synchronization
import Telemetry
import Testing

@testable import Lifecycle

/// What happened, in order.
final class Steps: Sendable {
    private let lines = Mutex<[String]>([])
    func note(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

/// A service that notes what is done with it.
final class Noted: Service {
    let name: String
    let steps: Steps
    let starting: @Sendable () async throws -> Void
    let stopping: @Sendable () async -> Void
    init(
        _ name: String, _ steps: Steps, starting: @escaping @Sendable () async throws -> Void = {},
        stopping: @escaping @Sendable () async -> Void = {}
    ) {
        self.name = name
        self.steps = steps
        self.starting = starting
        self.stopping = stopping
    }
    func start() async throws {
        steps.note("\(name) starts")
        try await starting()
        steps.note("\(name) serves")
    }
    var notReady: String? { nil }
    func stop(by deadline: ContinuousClock.Instant) async {
        await stopping()
        steps.note("\(name) stopped")
    }
}

struct Trouble: Error, CustomStringConvertible { let description = "port 80 is taken" }

@Suite struct ServiceGroupTests {
    let steps = Steps()
    let logged = Steps()
    var log: Log { Log(process: "test", write: logged.note) }
    let signals = Signals { _ in }

    @Test("services start in order and stop in reverse, with status 0 after one signal")
    func order() async {
        let group = ServiceGroup([[Noted("a", steps)], [Noted("b", steps)]], log: log)
        let status = await group.run(until: signals) { [signals] in signals.came(15) }
        #expect(status == .done)
        #expect(steps.all == ["a starts", "a serves", "b starts", "b serves", "b stopped", "a stopped"])
        #expect(logged.all.contains { $0.contains("\"stopping\"") && $0.contains("SIGTERM") })
    }

    @Test("after a signal nothing more is started")
    func nothingMore() async {
        let gate = Once<Void>()
        let signals = signals
        let first = Noted(
            "a", steps,
            starting: {
                signals.came(15)
                await gate.wait()
            }, stopping: { gate.open() })
        let group = ServiceGroup([[first], [Noted("b", steps)]], log: log)
        #expect(await group.run(until: signals) == .done)
        #expect(!steps.all.contains { $0.hasPrefix("b") })
    }

    @Test("what returns from its start only since it is stopped is not announced as serving")
    func notAnnounced() async {
        let gate = Once<Void>()
        let (signals, announced) = (signals, Once<Void>())
        let last = Noted(
            "a", steps,
            starting: {
                signals.came(15)
                await gate.wait()
            }, stopping: { gate.open() })
        #expect(await ServiceGroup([[last]], log: log).run(until: signals) { announced.open() } == .done)
        #expect(await announced.value(atMost: .milliseconds(300)) == nil)
        #expect(steps.all.contains("a serves"))
    }

    @Test("those of one stage start side by side")
    func together() async throws {
        let gate = Once<Void>()
        let first = Noted("first", steps, starting: { await gate.wait() })
        let second = Noted("second", steps, starting: { gate.open() })
        try await ServiceGroup([[first, second]], log: log).start()
        #expect(steps.all.filter { $0.hasSuffix("serves") }.count == 2)
    }

    @Test("a service that cannot start ends the process with status 1; what had started is stopped, the rest not begun")
    func failure() async {
        let group = ServiceGroup(
            [[Noted("a", steps)], [Noted("b", steps, starting: { throw Trouble() })], [Noted("c", steps)]],
            log: log)
        #expect(await group.run(until: signals) == .failed)
        #expect(steps.all == ["a starts", "a serves", "b starts", "b stopped", "a stopped"])
        #expect(logged.all.contains { $0.contains("port 80 is taken") && $0.contains("\"service\":\"b\"") })
    }

    @Test("a signal during the start stops what has begun, also one that waits for ever")
    func signalDuringStart() async {
        let never = Once<Void>()
        let signals = signals
        let waiting = Noted(
            "waiting", steps,
            starting: {
                signals.came(2)
                await never.wait()
            })
        let group = ServiceGroup([[Noted("a", steps)], [waiting], [Noted("c", steps)]], log: log)
        #expect(await group.run(until: signals) == .done)
        #expect(steps.all == ["a starts", "a serves", "waiting starts", "waiting stopped", "a stopped"])
        never.open()
    }

    @Test("a service that does not stop in time cannot keep the process: status 1, and the log names it")
    func late() async {
        let never = Once<Void>()
        let group = ServiceGroup(
            [[Noted("stuck", steps, stopping: { await never.wait() })]], log: log, stopTimeout: .milliseconds(50))
        let status = await group.run(until: signals) { [signals] in signals.came(15) }
        #expect(status == .failed)
        #expect(logged.all.contains { $0.contains("did not stop in time") && $0.contains("stuck") })
        never.open()
    }

    @Test("after a signal all serves on for the time to drain, not ready any more, and stops then")
    func drains() async {
        let group = ServiceGroup([[Noted("a", steps)]], log: log, drain: .milliseconds(200))
        let serving = Once<Void>()
        async let status = group.run(until: signals) { serving.open() }
        await serving.wait()
        #expect(group.readiness.map(\.reason) == [nil])
        let began = ContinuousClock.now
        signals.came(15)
        while group.readiness[0].reason == nil { await Task.yield() }
        #expect(group.readiness.map(\.reason) == ["draining"])
        #expect(steps.all == ["a starts", "a serves"])
        #expect(await status == .done)
        #expect(.now - began >= .milliseconds(200))
        #expect(steps.all == ["a starts", "a serves", "a stopped"])
    }

    @Test("a process that has not started, or failed to, does not drain")
    func nothingToDrain() async {
        let never = Once<Void>()
        let signals = signals
        let waiting = Noted(
            "waiting", steps,
            starting: {
                signals.came(15)
                await never.wait()
            })
        let began = ContinuousClock.now
        #expect(await ServiceGroup([[waiting]], log: log, drain: .seconds(60)).run(until: signals) == .done)
        let failing = ServiceGroup(
            [[Noted("b", steps, starting: { throw Trouble() })]], log: log, drain: .seconds(60))
        #expect(await failing.run(until: Signals { _ in }) == .failed)
        #expect(.now - began < .seconds(30))
        never.open()
    }

    @Test("readiness follows what the group does with each service")
    func readiness() async throws {
        let gate = Once<Void>()
        let begun = Once<Void>()
        let group = ServiceGroup(
            [
                [Noted("a", steps)],
                [
                    Noted(
                        "b", steps,
                        starting: {
                            begun.open()
                            await gate.wait()
                        })
                ], [Noted("c", steps)],
            ],
            log: log)
        let start = Task { try await group.start() }
        await begun.wait()
        #expect(group.readiness.map(\.reason) == [nil, "starting", "waiting for earlier services"])
        gate.open()
        try await start.value
        #expect(group.readiness.map(\.reason) == [nil, nil, nil])
        await group.stop()
        #expect(group.readiness.map(\.reason) == ["stopped", "stopped", "stopped"])
    }

    @Test("a group is not ready until its last service serves, though all before it do")
    func notWhole() async throws {
        let reasons = Mutex<[String?]>([])
        let group = Mutex<ServiceGroup?>(nil)
        let made = ServiceGroup(
            [
                [Noted("a", steps)],
                [
                    Noted(
                        "b", steps,
                        starting: { reasons.withLock { $0 = group.withLock { $0 }?.readiness.map(\.reason) ?? [] } })
                ],
            ], log: log)
        #expect(made.readiness.allSatisfy { $0.reason != nil })
        group.withLock { $0 = made }
        try await made.start()
        #expect(reasons.withLock { $0 } == [nil, "starting"])
        #expect(made.readiness.map(\.reason) == [nil, nil])
        group.withLock { $0 = nil }
    }

    @Test("signals reach their thread, whichever thread they were delivered to")
    func realSignals() async {
        let ended = Once<Int32>()
        let signals = Signals { ended.give($0) }
        signals.listen()
        defer { for number in [SIGTERM, SIGINT] { _ = Glibc.signal(number, SIG_DFL) } }
        kill(getpid(), SIGTERM)
        #expect(await signals.first() == SIGTERM)
        kill(getpid(), SIGINT)
        #expect(await ended.value == SIGINT)
    }

    @Test("a second signal is the end at once")
    func secondSignal() async {
        let ended = Steps()
        let signals = Signals { ended.note("ended by \($0)") }
        signals.came(15)
        #expect(ended.all.isEmpty)
        signals.came(2)
        #expect(await signals.first() == 15)
        #expect(ended.all == ["ended by 2"])
    }
}
