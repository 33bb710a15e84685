/// How many requests came for a limit in the last 3 s, in slots of a quarter of a second.
struct Arrivals: Sendable {
    private static let slots = 12
    private static let slotMilliseconds: Int64 = 250

    private var counts = InlineArray<12, UInt32>(repeating: 0)
    private var slot: Int64 = .min
    private(set) var total = 0

    mutating func add(now: OwnTime) {
        turn(to: now)
        counts[Self.index(of: slot)] += 1
        total += 1
    }

    /// Arrivals within the span that ends now.
    mutating func count(now: OwnTime) -> Int {
        turn(to: now)
        return total
    }

    private mutating func turn(to now: OwnTime) {
        let current = now.nanoseconds.dividedDown(by: Self.slotMilliseconds * 1_000_000)
        guard current > slot else { return }
        let passed = slot == .min ? Int64(Self.slots) : min(current - slot, Int64(Self.slots))
        for step in 0..<passed {
            let index = Self.index(of: current - step)
            total -= Int(counts[index])
            counts[index] = 0
        }
        slot = current
    }

    /// A clock that has just begun to run, or runs below zero, has slots too.
    private static func index(of slot: Int64) -> Int {
        let rest = Int(slot % Int64(slots))
        return rest < 0 ? rest + slots : rest
    }
}
