import Testing

@testable import RateLimit

@Suite("Arrivals of the last 3 s")
struct ArrivalsTests {
    @Test("are counted for 3 s, whatever the clock began with", arguments: [-10_000, 0, 2_900, 1_000_000])
    func span(_ start: Int64) {
        var arrivals = Arrivals()
        for step in Int64(0)..<10 { arrivals.add(now: .at(start + step * 250)) }
        #expect(arrivals.count(now: .at(start + 2_250)) == 10)
        #expect(arrivals.count(now: .at(start + 3_000)) == 9)
        #expect(arrivals.count(now: .at(start + 4_000)) == 5)
        #expect(arrivals.count(now: .at(start + 60_000)) == 0)
    }
}
