import Testing

@testable import RateLimit

/// A list of every admission, and nothing else.
private struct NaiveOracle {
    private var uses: [Milliseconds] = []

    mutating func use(at time: Milliseconds) { uses.append(time) }

    func count(after time: Milliseconds) -> Int { uses.lazy.filter { $0 > time }.count }
}

@Suite("Against a list of every admission")
struct NaiveOracleTests {
    @Test(
        "never more is granted than the list allows, and never less than it allows within the margins",
        arguments: 1...40)
    func bothDirections(seed: UInt64) {
        var chance = SeededChance(state: seed)
        let limit = Int.random(in: 1...60, using: &chance)
        var (state, oracle) = (LimitReplica(), NaiveOracle())
        var sequence: [ProcessID: UInt64] = [:]
        var owed: [ProcessID: (sequence: UInt64, usedAt: Milliseconds, count: Int)] = [:]
        var time: Milliseconds = 0
        var granted = 0
        for _ in 0..<400 {
            time += .random(in: 0...1_500, using: &chance)
            let process = Bool.random(using: &chance) ? one : two
            var settles: [Settlement] = []
            if let part = owed.removeValue(forKey: process) {
                let age = (time - part.usedAt) / 10
                let uses = [Settlement.Use(ageSteps: age, count: part.count)]
                settles = [Settlement(sequence: part.sequence, part: .waiting, uses: uses)]
            }
            sequence[process, default: 0] += 1
            let need = Int.random(in: 1...limit, using: &chance)
            let claim = Claim.of(process, sequence[process]!, need: need, limit: limit, settles: settles)
            let verdict = state.apply(claim, at: time)

            let allowed = limit - oracle.count(after: time - 60_000)
            // ε, v where it is not settled, and the rounding of ages.
            let allowedSurely = limit - oracle.count(after: time - 60_000 - 100 - 500 - 10)
            #expect(verdict.need <= allowed, "at \(time)")
            #expect(verdict.need >= min(need, allowedSurely), "at \(time)")
            guard verdict.need > 0 else { continue }
            granted += verdict.need
            for _ in 0..<verdict.need { oracle.use(at: time) }
            owed[process] = (sequence[process]!, time, verdict.need)
        }
        #expect(granted > limit)
    }
}
