import Lifecycle
import Events
import Synchronization
import Telemetry
import Testing

@Suite final class PersistenceTests: Sendable {
    private struct Away: Error, CustomStringConvertible {
        var description: String
    }

    /// Time that passes only where somebody sleeps; keeps how long.
    private final class Sleeps: Timekeeper {
        private let slept = Mutex<[Duration]>([])
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        var wall: Timestamp { Timestamp(milliseconds: 0) }
        var all: [Duration] { slept.withLock { $0 } }
        func sleep(until end: ContinuousClock.Instant) async throws {
            try Task.checkCancellation()
            let duration = instant.withLock { now in
                defer { now = max(now, end) }
                return end - now
            }
            slept.withLock { $0.append(duration) }
        }
    }

    private let lines = Mutex<[String]>([])
    private let time = Sleeps()
    /// The longest wait of each.
    private let longest = Randomness { $0.upperBound }

    private func outage() -> Outage {
        let log = Log(process: "test") { line in self.lines.withLock { $0.append(line) } }
        return Outage(of: "the thing", log: log)
    }

    @Test("what is away is tried until it is there: said once, shown meanwhile, with waits that grow")
    func tries() async throws {
        let outage = outage()
        var tries = 0
        let result = try await outage.persistently(time: time, random: longest) { _ in
            tries += 1
            #expect(outage.words == (tries == 1 ? nil : "waits for the thing: no answer"))
            if tries < 4 { throw Away(description: "no answer") }
            return 7
        }
        #expect(result == 7 && outage.words == nil)
        #expect(time.all == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
        #expect(lines.withLock { $0.count } == 2)
    }

    @Test("what waiting cannot fix is thrown at once")
    func hopeless() async {
        let outage = outage()
        await #expect(throws: Away.self) {
            try await outage.persistently(time: self.time, mayPass: { _ in false }) { _ in
                throw Away(description: "wrong address")
            }
        }
        #expect(time.all.isEmpty && outage.words == nil && lines.withLock { $0.isEmpty })
    }

    @Test("what serves and breaks is tried again without the waits of the failures before")
    func breaks() async throws {
        let outage = outage()
        var tries = 0
        try await outage.persistently(time: time, random: longest) { serves in
            tries += 1
            if tries == 5 { return }
            if tries == 4 {
                serves()
                #expect(outage.words == nil)
            }
            throw Away(description: "broken")
        }
        #expect(time.all == [100, 200, 400, 100].map { .milliseconds($0) })
    }

    @Test("an error that belongs to another outage is said there, and ended there")
    func other() async throws {
        let outage = outage()
        let other = self.outage()
        var tries = 0
        try await outage.persistently(time: time, owner: { _ in other }) { _ in
            tries += 1
            #expect(outage.words == nil && (other.words == nil) == (tries == 1))
            if tries == 1 { throw Away(description: "away") }
        }
        #expect(other.words == nil)
    }

    @Test("a cancelled task tries no more and says nothing more")
    func cancelled() async {
        let outage = outage()
        let task = Task {
            try await outage.persistently(time: SystemTime()) { _ in
                withUnsafeCurrentTask { $0?.cancel() }
                throw Away(description: "away")
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(lines.withLock { $0.isEmpty })
    }
}
