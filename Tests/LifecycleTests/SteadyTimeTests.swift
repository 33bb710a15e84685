import Lifecycle
import Events
import Synchronization
import Testing

@Suite struct SteadyTimeTests {
    private final class Clocks: Sendable {
        let wall = Mutex<Int64>(1_000_000)
        let monotonic = Mutex<Int64>(50)
        let steps = Mutex<[SteadyTime.Step]>([])

        func make() -> SteadyTime {
            SteadyTime(
                clock: { self.wall.withLock { $0 } }, elapsed: { self.monotonic.withLock { $0 } },
                noticed: { step in self.steps.withLock { $0.append(step) } })
        }
        func pass(_ milliseconds: Int64) {
            wall.withLock { $0 += milliseconds }
            monotonic.withLock { $0 += milliseconds }
        }
        func set(_ milliseconds: Int64) { wall.withLock { $0 = milliseconds } }
        var said: [SteadyTime.Step] { steps.withLock { $0 } }
    }

    @Test("a correct clock is followed as it is, including forward steps")
    func sound() {
        let clocks = Clocks()
        let time = clocks.make()
        #expect(time.milliseconds() == 1_000_000)
        clocks.pass(7)
        #expect(time.milliseconds() == 1_000_007)
        clocks.set(5_000_000)
        #expect(time.milliseconds() == 5_000_000 && clocks.said.isEmpty)
    }

    @Test("set back, it goes on from the time before, until the clock has caught up; each is said once")
    func back() {
        let clocks = Clocks()
        let time = clocks.make()
        _ = time.milliseconds()
        clocks.set(400_000)
        #expect(time.milliseconds() == 1_000_000)
        clocks.pass(800)
        #expect(time.milliseconds() == 1_000_700)
        #expect(clocks.said == [.back(.seconds(600))])
        clocks.set(1_000_800)
        #expect(time.milliseconds() == 1_000_800)
        #expect(clocks.said == [.back(.seconds(600)), .caughtUp])
    }

    @Test("a clock set back by an hour has caught up after eight, and goes its own pace again")
    func slower() {
        let clocks = Clocks()
        let time = clocks.make()
        var last = time.milliseconds()
        clocks.set(1_000_000 - 3_600_000)
        for minute in 1...(8 * 60) {
            clocks.pass(60_000)
            let now = time.milliseconds()
            #expect(now - last == 52_500, "minute \(minute)")
            last = now
        }
        #expect(last == clocks.wall.withLock { $0 } && clocks.said.last == .caughtUp)
        clocks.pass(60_000)
        #expect(time.milliseconds() == last + 60_000)
    }

    @Test("a correction of less than a second is made up for, and not said")
    func small() {
        let clocks = Clocks()
        let time = clocks.make()
        _ = time.milliseconds()
        clocks.set(999_100)
        #expect(time.milliseconds() == 1_000_000 && clocks.said.isEmpty)
    }

    @Test("a time that others have noted ahead of the clock is followed, one behind it is not")
    func follow() {
        let clocks = Clocks()
        let time = clocks.make()
        time.follow(Timestamp(milliseconds: 900_000))
        #expect(time.milliseconds() == 1_000_000 && clocks.said.isEmpty)
        time.follow(Timestamp(milliseconds: 4_600_000))
        clocks.pass(16)
        #expect(time.milliseconds() == 4_600_014)
        #expect(clocks.said == [.back(.seconds(3_600))])
    }

    @Test("a time noted more than a day ahead is said, and not followed")
    func farAhead() {
        let clocks = Clocks()
        let time = clocks.make()
        time.follow(Timestamp(milliseconds: 1_000_000 + 86_400_001))
        #expect(time.milliseconds() == 1_000_000)
        #expect(clocks.said == [.farBehind(.milliseconds(86_400_001))])
    }
}
