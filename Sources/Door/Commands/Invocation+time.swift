import CommandLine
import Orders

extension Invocation {
    /// An instant, or how long before `now`; nil if the option was not given.
    ///
    /// - Throws: ``WrongUse`` for any other value.
    func time(_ option: String, now: Timestamp) throws -> Timestamp? {
        guard let text = value(option) else { return nil }
        if let instant = Timestamp(iso8601: text) { return instant }
        let units: [Character: Int64] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (1...1_000_000).contains(count)
        else {
            throw WrongUse(
                "--\(option) must be a time like 2026-11-24T09:30Z, or how long ago as 90m, 12h or 3d, not \(text)")
        }
        return Timestamp(milliseconds: now.milliseconds - count * unit)
    }

    /// The two ends of a time, `--from` and `--to`, whose relative values are frozen here.
    ///
    /// - Throws: ``WrongUse`` if one is not a time, or `--from` is not before `--to`.
    func times(now: Timestamp) throws -> (from: Timestamp?, to: Timestamp?) {
        let (from, to) = (try time("from", now: now), try time("to", now: now))
        if let from, let to, from >= to {
            throw WrongUse("--from must be before --to: \(from.iso8601) is not before \(to.iso8601)")
        }
        return (from, to)
    }
}
