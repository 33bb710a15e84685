@testable import RateLimit

let anyLimit = LimitID(high: 7, low: 11)
let one = ProcessID(1)
let two = ProcessID(2)

/// Chance with a seed, so that a failure can be repeated.
struct SeededChance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    }
}

extension LogTime {
    static func at(_ milliseconds: Milliseconds) -> LogTime { .init(milliseconds: milliseconds) }
}

extension OwnTime {
    static func at(_ milliseconds: Int64) -> OwnTime { .init(nanoseconds: milliseconds * 1_000_000) }
}

extension Claim {
    /// A claim of the limit that these tests are about.
    static func of(
        _ process: ProcessID, _ sequence: UInt64, need: Int, extra: Int = 0, whole: Bool = false, limit: Int = 10,
        version: Int64 = 1, settles: [Settlement] = []
    ) -> Claim {
        Claim(
            limitID: anyLimit, process: process, sequence: sequence, configurationVersion: version, limit: limit,
            need: need, isWhole: whole, extra: extra, settlements: settles)
    }
}

extension LimitReplica {
    mutating func apply(_ claim: Claim, at milliseconds: Milliseconds) -> Verdict {
        apply(claim, at: .at(milliseconds), rules: .standard)
    }
}

extension Verdict {
    static func granted(_ need: Int, extra: Int = 0) -> Verdict { Verdict(need: need, extra: extra) }
}
