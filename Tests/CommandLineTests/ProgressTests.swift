import Testing

@testable import CommandLine

@Suite("How far a command has come") struct ProgressTests {
    private let began = ContinuousClock.now

    private func progress() -> Progress { Progress(of: 10_000, every: .seconds(10), now: began) }

    @Test("is told no more than once in its time")
    func pace() {
        var progress = progress()
        #expect(progress.step(done: 10, now: began + .seconds(9)) == nil)
        #expect(progress.step(done: 20, now: began + .seconds(10))?.done == 20)
        #expect(progress.step(done: 30, now: began + .seconds(19)) == nil)
        #expect(progress.step(done: 40, now: began + .seconds(21))?.done == 40)
    }

    @Test("says how fast, and how long it will take yet")
    func words() throws {
        var progress = progress()
        let first = progress.step(done: 1000, now: began + .seconds(20))
        let step = try #require(first)
        #expect(step.words("records") == "1000 of 10000 records (10 %), 50 a second, 3 min 0 s left")
        #expect(step.fields == ["done": "1000", "of": "10000", "per_second": "50", "seconds_left": "180"])
        let second = progress.step(done: 1001, now: began + .seconds(20_020))
        let late = try #require(second)
        #expect(late.words("records") == "1001 of 10000 records (10 %), 0 a second, 49 h 59 min left")
    }

    @Test("goes by what is done since it looks, where something was done before")
    func amidst() throws {
        var progress = Progress(of: 10_000, from: 8_000, every: .seconds(10), now: began)
        let first = progress.step(done: 8_500, now: began + .seconds(10))
        let step = try #require(first)
        #expect(step.words("deliveries") == "8500 of 10000 deliveries (85 %), 50 a second, 30 s left")
    }

    @Test("does not guess as long as nothing is done")
    func nothing() throws {
        var progress = progress()
        let first = progress.step(done: 0, now: began + .seconds(10))
        let step = try #require(first)
        #expect(step.left == nil)
        #expect(step.words("records") == "0 of 10000 records (0 %), 0 a second")
        #expect(step.fields["seconds_left"] == nil)
    }
}
