/// How far a command has come, how fast, and how long it will take yet. Pure: the time is passed in.
public struct Progress: Sendable {
    /// What is told at a time.
    public struct Step: Sendable, Equatable {
        public var done: Int64
        public var total: Int64
        /// Since it began to look.
        public var perSecond: Int64
        /// nil as long as nothing is done.
        public var left: Duration?
    }

    private let total: Int64
    /// What was done before this began to look.
    private let earlier: Int64
    private let every: Duration
    private let began: ContinuousClock.Instant
    private var toldAt: ContinuousClock.Instant

    /// - Parameters:
    ///   - earlier: what is done already, which tells nothing of how fast the rest goes.
    ///   - every: no more than once in this time is something told.
    public init(of total: Int64, from earlier: Int64 = 0, every: Duration, now: ContinuousClock.Instant) {
        self.total = total
        self.earlier = earlier
        self.every = every
        began = now
        toldAt = now
    }

    /// What is to be told now, if anything.
    public mutating func step(done: Int64, now: ContinuousClock.Instant) -> Step? {
        guard now - toldAt >= every else { return nil }
        toldAt = now
        let seconds = (now - began) / .seconds(1)
        let rate = Double(done - earlier) / seconds
        return Step(
            done: done, total: total, perSecond: Int64(rate),
            left: rate > 0 ? .seconds(Int64((Double(total - done) / rate).rounded(.up))) : nil)
    }
}

extension Progress.Step {
    /// For a person: `3200000 of 10000000 records (32 %), 52000 a second, 2 min 11 s left`.
    public func words(_ unit: String) -> String {
        let share = total > 0 ? done * 100 / total : 100
        let head = "\(done) of \(total) \(unit) (\(share) %), \(perSecond) a second"
        guard let left = left?.components.seconds else { return head }
        let (minutes, seconds) = left.quotientAndRemainder(dividingBy: 60)
        let (hours, rest) = minutes.quotientAndRemainder(dividingBy: 60)
        let time = hours > 0 ? "\(hours) h \(rest) min" : minutes > 0 ? "\(minutes) min \(seconds) s" : "\(seconds) s"
        return "\(head), \(time) left"
    }

    /// For a program: the fields of a log line.
    public var fields: [String: String] {
        var fields = ["done": "\(done)", "of": "\(total)", "per_second": "\(perSecond)"]
        if let left { fields["seconds_left"] = "\(left.components.seconds)" }
        return fields
    }
}
