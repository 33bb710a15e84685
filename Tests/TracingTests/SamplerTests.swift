import Telemetry
import Testing

@testable import Tracing

/// Numbers that look random, the same in every run.
private struct Sequence: RandomNumberGenerator {
    var state: UInt64 = 1
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

@Suite("Which requests are traced") struct SamplerTests {
    private func sampler(_ ratio: Double, perSecond: Int = 100_000) -> Sampler {
        // A minute later each time: the bound is in nobody's way.
        let now = Number()
        return Sampler(ratio: ratio, perSecond: perSecond) { now.add(60_000_000_000) }
    }

    private func trace(_ id: String) -> TraceContext.TraceID {
        TraceContext(traceparent: "00-\(id)-00f067aa0ba902b7-01")!.traceID
    }

    private func caller(isSampled: Bool) -> TraceContext {
        var context = TraceContext { 7 }
        context.isSampled = isSampled
        return context
    }

    @Test("of requests without a trace the ratio is, by the trace's id alone", arguments: [0, 0.01, 0.5, 1])
    func ratio(_ ratio: Double) {
        let sampler = sampler(ratio)
        var random = Sequence()
        let traces = (0..<20_000).map { _ in TraceContext { random.next() }.traceID }
        let chosen = traces.map { sampler.samples($0, under: nil) }
        #expect(abs(Double(chosen.count { $0 }) / 20_000 - ratio) < 0.012)
        #expect(traces.map { self.sampler(ratio).samples($0, under: nil) } == chosen, "every process chooses the same")
    }

    @Test("the threshold is OpenTelemetry's: of the last 56 bits, the high values are in the ratio")
    func threshold() {
        let half = sampler(0.5)
        let (below, above) = (trace("ffffffffffffffffff7fffffffffffff"), trace("00000000000000000080000000000000"))
        #expect(!half.samples(below, under: nil) && half.samples(above, under: nil))
    }

    @Test("a caller's flag is followed, whatever the ratio")
    func followed() {
        let trace = TraceContext { 1 }.traceID
        #expect(sampler(0).samples(trace, under: caller(isSampled: true)))
        #expect(!sampler(1).samples(trace, under: caller(isSampled: false)))
    }

    @Test("but no more than so many a second are traced, those with a flag and those without together")
    func bounded() {
        let now = Number()
        let sampler = Sampler(ratio: 1, perSecond: 10) { now.now }
        func taken(of count: Int) -> Int {
            (0..<count).count {
                sampler.samples(TraceContext { 1 }.traceID, under: $0 % 2 == 0 ? caller(isSampled: true) : nil)
            }
        }
        #expect(taken(of: 100) == 10)
        now.now = 100_000_000
        #expect(taken(of: 100) == 1, "a tenth of a second later one more")
        now.now = 60_000_000_000
        #expect(taken(of: 100) == 10, "what was not used for a minute is not saved up")
    }

    @Test("callers at once do not get past the bound")
    func concurrent() async {
        let sampler = Sampler(ratio: 1, perSecond: 500) { 0 }
        let total = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<1_000).count { _ in sampler.samples(TraceContext { 1 }.traceID, under: nil) } }
            }
            return await group.reduce(0, +)
        }
        #expect(total == 500)
    }
}
