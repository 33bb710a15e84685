import Foundation
import Synchronization

/// Decides on a request of a token, whoever does it: our limiter, or a script in Redis.
protocol LimitDecider: Sendable {
    /// - Parameters:
    ///   - token: a number for a token's limit.
    ///   - lane: which of the callers asks.
    func decide(_ token: Int, lane: Int) async -> LimitDecision
}

enum LimitDecision { case granted, refused, unavailable }

/// The one load generator for all of them: so many callers, each with one request under way, on the same tokens.
struct LimitLoad: Sendable {
    enum Tokens: Sendable {
        /// Any of so many, all alike.
        case uniform(Int)
        /// Always this one.
        case one(Int)
        /// Each of so many, once.
        case once(Int)
        /// Any of so many, the n-th with a chance of 1 / n^0.99.
        case zipf([Double])
    }

    var lanes = 64
    var tokens: Tokens
    /// Not counted.
    var warmUp = Duration.seconds(6)
    /// Of no meaning where each token comes once.
    var duration = Duration.seconds(6)
    /// A caller's own pace.
    var pause: Duration?
    /// Whether the instants of all admissions are kept, for a limit's worst window.
    var keepsAdmissions = false

    func run(_ decider: some LimitDecider) async -> LimitLoadReport {
        let next = LimitTicket()
        let counted = ContinuousClock.now + (isOnce ? .zero : warmUp)
        let end = isOnce ? counted + .seconds(3_600) : counted + duration
        var report = LimitLoadReport()
        await withTaskGroup(of: LimitLoadReport.self) { group in
            for lane in 0..<lanes {
                group.addTask { await call(decider, lane: lane, counted, end, next) }
            }
            for await lane in group { report.add(lane) }
        }
        report.seconds = (ContinuousClock.now - counted) / .seconds(1)
        return report
    }

    private var isOnce: Bool { if case .once = tokens { true } else { false } }

    private func call(
        _ decider: some LimitDecider, lane: Int, _ counted: ContinuousClock.Instant, _ end: ContinuousClock.Instant,
        _ next: LimitTicket
    ) async -> LimitLoadReport {
        var report = LimitLoadReport()
        var chance = LimitChance(state: UInt64(lane) &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        while let token = token(&chance, next) {
            let sent = ContinuousClock.now
            guard sent < end else { break }
            let decision = await decider.decide(token, lane: lane)
            let answered = ContinuousClock.now
            if sent >= counted { report.note(decision, answered - sent) }
            if keepsAdmissions, decision == .granted { report.admissions.append((sent, answered)) }
            if let pause { try? await Task.sleep(for: pause) }
            // Who is answered at once would never let the other callers, and the readers, have the thread.
            report.asked += 1
            if report.asked % 64 == 0 { await Task.yield() }
        }
        return report
    }

    private func token(_ chance: inout LimitChance, _ next: LimitTicket) -> Int? {
        switch tokens {
        case .one(let token): return token
        case .uniform(let count): return Int(chance.next() % UInt64(count))
        case .once(let count):
            let token = next.take()
            return token < count ? token : nil
        case .zipf(let sums):
            let place = Double(chance.next() >> 11) / Double(1 << 53) * sums[sums.count - 1]
            var (low, high) = (0, sums.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] < place { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    static func zipf(_ count: Int) -> Tokens {
        var sum = 0.0
        return .zipf(
            (1...count).map { rank in
                sum += pow(Double(rank), -0.99)
                return sum
            })
    }
}

/// Hands out the tokens that come once each.
private final class LimitTicket: Sendable {
    private let next = Atomic<Int>(0)

    func take() -> Int { next.add(1, ordering: .relaxed).oldValue }
}

/// Seeded, so that every system sees the same tokens.
struct LimitChance {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 33)) &* 0xFF51_AFD7_ED55_8CCD >> 11
    }
}

/// What the callers saw.
struct LimitLoadReport: Sendable {
    var seconds = 0.0
    var granted = 0
    var refused = 0
    var unavailable = 0
    /// Those of the warm-up too.
    var asked = 0
    var admissions: [(sent: ContinuousClock.Instant, answered: ContinuousClock.Instant)] = []
    /// By logarithm: 32 steps an octave of nanoseconds.
    private var latencies = [Int](repeating: 0, count: 40 * 32)

    var decisions: Int { granted + refused + unavailable }

    mutating func note(_ decision: LimitDecision, _ took: Duration) {
        switch decision {
        case .granted: granted += 1
        case .refused: refused += 1
        case .unavailable: unavailable += 1
        }
        let nanoseconds = UInt64(
            max(32, took.components.attoseconds / 1_000_000_000 + took.components.seconds * 1_000_000_000))
        let octave = 63 - nanoseconds.leadingZeroBitCount
        let step = Int(nanoseconds >> UInt64(octave - 5)) & 31
        latencies[min(latencies.count - 1, octave * 32 + step)] += 1
    }

    mutating func add(_ other: Self) {
        granted += other.granted
        refused += other.refused
        unavailable += other.unavailable
        asked += other.asked
        admissions += other.admissions
        for index in latencies.indices { latencies[index] += other.latencies[index] }
    }

    /// Microseconds that so much of the answers did not take longer than.
    func microseconds(_ share: Double) -> Double {
        var left = Int(Double(decisions) * share)
        for (index, count) in latencies.enumerated() {
            left -= count
            guard left < 0 else { continue }
            return Double(32 + index % 32) * pow(2, Double(index / 32) - 5) / 1_000
        }
        return 0
    }

    /// The most admissions that certainly lie in one span of 60 s, as their callers saw them.
    var worstWindow: Int {
        let sorted = admissions.sorted { $0.sent < $1.sent }
        return sorted.indices.reduce(0) { worst, first in
            max(worst, sorted[first...].count { $0.answered < sorted[first].sent + .seconds(60) })
        }
    }
}
