import Testing

@testable import Ledger

@Suite("Which periods there are") struct PeriodsTests {
    private static let day = Periods.day

    /// As time passes by the day, made and dropped as they are to be.
    @Test("never more than eight, and always two ahead", arguments: [8, 9, 30, 90, 91, 365, 3650])
    func live(days: Int) throws {
        let retention = try #require(Retention(days: days, ordersDays: nil))
        let start = 20_000 * Self.day + 12_345
        var periods = [Period(name: "p0", from: nil, to: (start / Self.day + 2) * Self.day)]
        for passed in 0..<(days * 3) {
            let now = start + Int64(passed) * Self.day
            periods += Periods.missing(after: periods, retention, now: now)
            let before = now - Int64(days) * Self.day
            let leaving = Periods.leaving(periods, before: before, closedBefore: 0)
            periods.removeAll { leaving.contains($0) }
            #expect(periods.count <= Periods.maximum)
            #expect(periods.count { ($0.from ?? .min) > now } >= Periods.ahead)
            #expect(periods.contains { ($0.from ?? .min) <= now && now < $0.to })
            #expect(periods.allSatisfy { $0.to > before })
            for (one, next) in zip(periods, periods.dropFirst()) { #expect(one.to == next.from) }
            #expect(Set(periods.map(\.name)).count == periods.count)
        }
    }

    @Test("after a time in which nobody made any, one is enough for all of it")
    func gap() throws {
        let (last, now) = (Period(name: "p0", from: nil, to: 100 * Self.day), 1_000 * Self.day + 5)
        let made = Periods.missing(after: [last], .standard, now: now)
        #expect(made.map(\.from) == [100 * Self.day, 1_001 * Self.day, 1_019 * Self.day])
        #expect(made.map(\.name) == ["p19700411", "p19720928", "p19721016"])
    }

    @Test("a ledger without partitions gets none, and all of its rows are deleted one by one")
    func none() {
        #expect(Periods.missing(after: [], .standard, now: 5).isEmpty)
        #expect(Periods.deleting([], before: 7) == 7)
    }

    @Test("what was there before partitions is deleted one by one until it goes as a whole; later ones never are")
    func deleting() {
        let first = Period(name: "p0", from: nil, to: 100)
        let second = Period(name: "p1", from: 100, to: 200)
        #expect(Periods.deleting([first, second], before: 60) == 60)
        #expect(Periods.deleting([first, second], before: 160) == 100)
        #expect(Periods.deleting([second], before: 160) == nil)
        #expect(Periods.leaving([first, second], before: 99, closedBefore: 0).isEmpty)
        #expect(Periods.leaving([first, second], before: 100, closedBefore: 0) == [first])
        #expect(Periods.leaving([first, second], before: 0, closedBefore: 100) == [first], "it was begun with")
        #expect(Periods.leaving([first, second], before: 900, closedBefore: 0) == [first], "one must take new rows")
    }
}
