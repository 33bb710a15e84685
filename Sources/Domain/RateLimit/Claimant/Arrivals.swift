/// How many requests came for a limit in the last 3 s, in slots of a quarter of a second.
struct Arrivals: Sendable {
    private static let slots = 12
    private static let slotMilliseconds: Int64 = 250

    private var counts = InlineArray<12, UInt32>(repeating: 0)
    private var slot: Int64 = .min
    private(set) var total = 0

    mutating func add(now: OwnTime) {
        turn(to: now)
        counts[Int(slot % Int64(Self.slots))] += 1
        total += 1
    }

    /// Arrivals within the span that ends now.
    mutating func count(now: OwnTime) -> Int {
        turn(to: now)
        return total
    }

    private mutating func turn(to now: OwnTime) {
        let current = now.nanoseconds / (Self.slotMilliseconds * 1_000_000)
        guard current > slot else { return }
        let passed = slot == .min ? Int64(Self.slots) : min(current - slot, Int64(Self.slots))
        for step in 0..<passed {
            let index = Int((current - step) % Int64(Self.slots))
            total -= Int(counts[index])
            counts[index] = 0
        }
        slot = current
    }
}
