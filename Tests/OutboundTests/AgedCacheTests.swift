import Synchronization
import Testing

@testable import Outbound

@Suite struct AgedCacheTests {
    private final class Source: Sendable {
        let time = Mutex(ContinuousClock.now)
        let value = Mutex(1)
        let reads = Mutex(0)
        let isAway = Mutex(false)
        /// How long an answer takes.
        let delay = Mutex(Duration.zero)
        struct Away: Error {}

        func read() throws -> Int {
            if isAway.withLock({ $0 }) { throw Away() }
            reads.withLock { $0 += 1 }
            // What is answered is what was there when the question arrived.
            defer { time.withLock { $0 += delay.withLock { $0 } } }
            return value.withLock { $0 }
        }
        func cache(countMaximum: Int = 10) -> AgedCache<String, Int> {
            AgedCache(countMaximum: countMaximum, now: { self.time.withLock { $0 } }) { _ in try self.read() }
        }
        func pass(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    @Test("a value is read at most every two seconds, and is no older")
    func age() async throws {
        let source = Source()
        let cache = source.cache()
        for _ in 0..<3 { #expect(try await cache.value("a") == 1) }
        #expect(source.reads.withLock { $0 } == 1)
        source.value.withLock { $0 = 2 }
        source.pass(.milliseconds(1_999))
        #expect(try await cache.value("a") == 1)
        source.pass(.milliseconds(1))
        #expect(try await cache.value("a") == 2)
    }

    @Test("the time that an answer takes counts: a value is not kept longer because it was long on its way")
    func slowAnswer() async throws {
        let source = Source()
        let cache = source.cache()
        source.delay.withLock { $0 = .milliseconds(1_500) }
        #expect(try await cache.value("a") == 1)
        source.value.withLock { $0 = 2 }
        source.pass(.milliseconds(499))
        #expect(try await cache.value("a") == 1)
        source.pass(.milliseconds(1))
        #expect(try await cache.value("a") == 2)
    }

    @Test("a failure is thrown and not kept; what was known stays known, however old")
    func failure() async throws {
        let source = Source()
        let cache = source.cache()
        #expect(try await cache.value("a") == 1)
        source.pass(.seconds(5))
        source.isAway.withLock { $0 = true }
        await #expect(throws: Source.Away.self) { _ = try await cache.value("a") }
        #expect(cache.lastKnown { $0 == 1 ? $0 : nil } == 1)
        #expect(cache.lastKnown { $0 == 2 ? $0 : nil } == nil)
        source.isAway.withLock { $0 = false }
        #expect(try await cache.value("a") == 1)
    }

    @Test("no more values are kept than the maximum")
    func bounded() async throws {
        let source = Source()
        let cache = source.cache(countMaximum: 2)
        for key in ["a", "b", "a", "b"] { _ = try await cache.value(key) }
        #expect(source.reads.withLock { $0 } == 2)
        _ = try await cache.value("c")
        _ = try await cache.value("a")
        #expect(source.reads.withLock { $0 } == 4)
    }
}
