import Testing

@testable import Database

@Suite("The longest wait of late") struct LongestLatelyTests {
    private let span = LongestLately.spanMilliseconds

    @Test("the longest counts, for one span at least and for two at most")
    func spans() {
        var waits = LongestLately()
        #expect(waits.longest(at: 10 * span) == 0)
        waits.note(70, at: 10 * span)
        waits.note(50, at: 10 * span + 1)
        #expect(waits.longest(at: 10 * span + 1) == 70)
        #expect(waits.longest(at: 12 * span - 1) == 70)
        #expect(waits.longest(at: 12 * span) == 0)
    }

    @Test("what was noted since stays when the longer one goes")
    func advances() {
        var waits = LongestLately()
        waits.note(70, at: 0)
        waits.note(20, at: span)
        #expect(waits.longest(at: span) == 70)
        #expect(waits.longest(at: 2 * span) == 20)
        waits.note(5, at: 9 * span)
        #expect(waits.longest(at: 9 * span) == 5)
    }
}
