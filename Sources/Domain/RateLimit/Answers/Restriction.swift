/// For how long a limit's callers are turned away who keep coming before they were told to.
///
/// Wall-clock time, UTC: a restriction is a word to people, and holds on every process; nothing is reckoned with it.
public struct Restriction: Equatable, Sendable {
    /// How long the first, the second, and every later restriction lasts.
    public static let spans: [Milliseconds] = [60_000, 300_000, 900_000]
    /// So long after the last restriction ended its level is forgotten.
    public static let forgivenAfter: Milliseconds = 15 * 60_000

    /// From 1.
    public var level: Int
    /// Milliseconds since 1970.
    public var until: Milliseconds

    public init(level: Int, until: Milliseconds) {
        self.level = level
        self.until = until
    }

    /// Whether it has not run out.
    public func holds(at now: Milliseconds) -> Bool { now < until }

    /// The one that follows now; nil while one holds: strikes during a restriction do not lengthen it.
    public static func next(after last: Restriction?, now: Milliseconds) -> Restriction? {
        if let last, last.holds(at: now) { return nil }
        let isForgiven = last.map { now - $0.until > forgivenAfter } ?? true
        let level = isForgiven ? 1 : min((last?.level ?? 0) + 1, spans.count)
        return Restriction(level: level, until: now + spans[max(0, level - 1)])
    }
}
