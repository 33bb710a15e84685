/// For how long a limit's callers are turned away after coming back too early too often.
///
/// In wall-clock time, UTC: a restriction is meant for people and holds on every process; nothing is calculated from
/// it.
public struct Restriction: Equatable, Sendable {
    /// How long the first, the second, and every later restriction lasts.
    public static let spans: [Milliseconds] = [60_000, 300_000, 900_000]
    /// How long after a restriction has ended its level is forgotten.
    public static let forgivenAfter: Milliseconds = 15 * 60_000

    /// Which restriction in a row it is, from 1.
    public var level: Int
    /// Milliseconds since 1970, UTC.
    public var until: Milliseconds

    public init(level: Int, until: Milliseconds) {
        self.level = level
        self.until = until
    }

    /// Whether it is still in force.
    ///
    /// - Parameter now: milliseconds since 1970, UTC.
    public func holds(at now: Milliseconds) -> Bool { now < until }

    /// The restriction that begins now; nil while one is in force: strikes during a restriction do not lengthen it.
    ///
    /// - Parameters:
    ///   - last: the latest restriction, which may have run out; nil if there was none.
    ///   - now: milliseconds since 1970, UTC.
    public static func next(after last: Restriction?, now: Milliseconds) -> Restriction? {
        if let last, last.holds(at: now) { return nil }
        let isForgiven = last.map { now - $0.until > forgivenAfter } ?? true
        let level = isForgiven ? 1 : min((last?.level ?? 0) + 1, spans.count)
        return Restriction(level: level, until: now + spans[max(0, level - 1)])
    }
}
