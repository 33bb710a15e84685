import Testing

@testable import Kafka

@Suite("The table of those who wait") struct WaiterTableTests {
    @Test("a ticket is good once")
    func once() {
        var table = WaiterTable<String>(now: 0)
        let ticket = table.add("a", deadline: 1000)
        #expect(table.take(ticket) == "a")
        #expect(table.take(ticket) == nil)
        #expect(table.count == 0)
    }

    @Test("a ticket whose slot was given to another finds nobody")
    func generations() {
        var table = WaiterTable<String>(now: 0)
        let old = table.add("old", deadline: 1000)
        _ = table.take(old)
        let new = table.add("new", deadline: 1000)
        #expect(old & 0xFFFF_FFFF == new & 0xFFFF_FFFF)
        #expect(table.take(old) == nil)
        #expect(table.take(new) == "new")
    }

    @Test("no ticket is 0, which as a pointer would be nil")
    func neverZero() {
        var table = WaiterTable<Int>(now: 0)
        #expect(table.add(1, deadline: 1) != 0)
    }

    @Test("nobody expires before the deadline, and everybody within two ticks after it")
    func deadlines() {
        var table = WaiterTable<Int64>(now: 0)
        for deadline in stride(from: Int64(0), through: 20_000, by: 37) { _ = table.add(deadline, deadline: deadline) }
        for now in stride(from: Int64(0), through: 20_100, by: 13) {
            for deadline in table.expire(now: now) {
                #expect(deadline <= now)
                #expect(now - deadline <= 13 + 2 * WaiterTable<Int64>.tickMilliseconds)
            }
        }
        #expect(table.count == 0)
    }

    @Test("after a long sleep all that is due expires at once, and nothing else")
    func longSleep() {
        var table = WaiterTable<Int64>(now: 0)
        let deadlines: [Int64] = [5, 9_000, 100_000, 500_000, 1_000_000]
        for deadline in deadlines { _ = table.add(deadline, deadline: deadline) }
        #expect(table.expire(now: 600_000).sorted() == [5, 9_000, 100_000, 500_000])
        #expect(table.expire(now: 999_990) == [])
        #expect(table.expire(now: 1_000_020) == [1_000_000])
    }

    @Test("the next deadline is reported, and never later than it is")
    func nextDeadline() {
        var table = WaiterTable<Int>(now: 0)
        #expect(table.millisecondsToNextDeadline(now: 0, maximum: 1000) == 1000)
        let ticket = table.add(1, deadline: 300)
        _ = table.add(2, deadline: 9_000)
        let wait = table.millisecondsToNextDeadline(now: 0, maximum: 1000)
        #expect((300...316).contains(wait))
        #expect(table.expire(now: wait) == [1])
        #expect(table.take(ticket) == nil)
        #expect(table.millisecondsToNextDeadline(now: wait, maximum: 1000) == 1000)
    }

    @Test("a waiter with a deadline in the past expires at the next look")
    func pastDeadline() {
        var table = WaiterTable<Int>(now: 10_000)
        _ = table.add(1, deadline: 4)
        #expect(table.expire(now: 10_020) == [1])
    }

    @Test("among many random calls the table says what a dictionary says")
    func againstDictionary() {
        var random = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &random)
        var generator = Seeded(state: seed)
        var table = WaiterTable<Int>(now: 0)
        var model: [UInt64: (waiter: Int, deadline: Int64)] = [:]
        var now: Int64 = 0
        for step in 0..<20_000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                let deadline = now + Int64.random(in: 0...20_000, using: &generator)
                model[table.add(step, deadline: deadline)] = (step, deadline)
            case 5..<8:
                guard let ticket = model.keys.randomElement(using: &generator) else { continue }
                #expect(table.take(ticket) == model.removeValue(forKey: ticket)?.waiter, "seed \(seed)")
            default:
                now += Int64.random(in: 0...500, using: &generator)
                for waiter in table.expire(now: now) {
                    let found = model.first { $0.value.waiter == waiter }
                    #expect(found.map { $0.value.deadline <= now } == true, "seed \(seed)")
                    if let found { model[found.key] = nil }
                }
            }
            #expect(table.count == model.count, "seed \(seed)")
        }
        #expect(Set(table.takeAll()) == Set(model.values.map(\.waiter)), "seed \(seed)")
        #expect(table.count == 0)
    }
}

/// A generator of which the same seed gives the same numbers (SplitMix64, https://prng.di.unimi.it/splitmix64.c).
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
