import Testing

@testable import Ledger

@Suite("How much a prune does at a time") struct PrunePaceTests {
    @Test("transactions that are quick grow to the most that is allowed, and their pauses are never nothing")
    func quick() {
        var pace = PrunePace()
        for _ in 0..<50 { #expect(pace.took(.milliseconds(1)) == .milliseconds(5)) }
        #expect(pace.rows == PrunePace.range.upperBound)
    }

    @Test("a slow one halves the next, down to the least, and is paused after as long as it took")
    func slow() {
        var pace = PrunePace()
        #expect(pace.took(.milliseconds(90)) == .milliseconds(90))
        #expect(pace.rows == 32)
        #expect(pace.took(.seconds(30)) == .seconds(1))
        for _ in 0..<50 { _ = pace.took(.seconds(1)) }
        #expect(pace.rows == PrunePace.range.lowerBound)
    }

    @Test("one that takes about as long as it may changes nothing")
    func right() {
        var pace = PrunePace()
        #expect(pace.took(.milliseconds(15)) == .milliseconds(15))
        #expect(pace.rows == 64)
    }
}
