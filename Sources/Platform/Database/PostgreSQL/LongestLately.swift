/// The longest of the times that were noted lately: in the span that runs and in the one before it, so that whoever looks
/// less often than once in a span still sees each. Pure: the time is given, in milliseconds.
struct LongestLately: Equatable {
    static let spanMilliseconds: Int64 = 60_000

    private var span: Int64 = 0
    private var current: Int64 = 0
    private var former: Int64 = 0

    mutating func note(_ milliseconds: Int64, at now: Int64) {
        advance(to: now)
        current = max(current, milliseconds)
    }

    func longest(at now: Int64) -> Int64 {
        var copy = self
        copy.advance(to: now)
        return max(copy.current, copy.former)
    }

    private mutating func advance(to now: Int64) {
        let new = now / Self.spanMilliseconds
        guard new != span else { return }
        former = new == span + 1 ? current : 0
        current = 0
        span = new
    }
}
