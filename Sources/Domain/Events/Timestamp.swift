/// An instant: milliseconds since 1970-01-01T00:00:00Z. The domain has no clock; instants come in from outside.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Since 1970-01-01T00:00:00Z; below zero before.
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (one: Self, other: Self) -> Bool { one.milliseconds < other.milliseconds }
}

extension Timestamp {
    private static let dayMilliseconds: Int64 = 86_400_000

    /// Minutes since 1970, UTC: the bucket that it is counted in.
    public var minute: Int64 { Self.floor(milliseconds, 60_000) }

    /// Days since 1970, UTC.
    public var day: Int64 { Self.floor(milliseconds, Self.dayMilliseconds) }

    /// `2026-05-01T12:30:00.000Z`: ISO 8601, UTC, always with milliseconds. Years 0 to 9999.
    public var iso8601: String {
        let (year, month, day) = Self.civil(day: day)
        let rest = Int(milliseconds - self.day * Self.dayMilliseconds)
        return String(unsafeUninitializedCapacity: 24) { text in
            var next = 0
            func put(_ value: Int, _ count: Int, _ separator: UInt8) {
                var value = value
                for index in stride(from: count - 1, through: 0, by: -1) {
                    text[next + index] = UInt8(truncatingIfNeeded: 0x30 + value % 10)
                    value /= 10
                }
                text[next + count] = separator
                next += count + 1
            }
            put(min(max(year, 0), 9999), 4, UInt8(ascii: "-"))
            put(month, 2, UInt8(ascii: "-"))
            put(day, 2, UInt8(ascii: "T"))
            put(rest / 3_600_000, 2, UInt8(ascii: ":"))
            put(rest / 60_000 % 60, 2, UInt8(ascii: ":"))
            put(rest / 1000 % 60, 2, UInt8(ascii: "."))
            put(rest % 1000, 3, UInt8(ascii: "Z"))
            return next
        }
    }

    /// Rounded down, also before 1970.
    static func floor(_ value: Int64, _ unit: Int64) -> Int64 {
        value >= 0 ? value / unit : -((-value + unit - 1) / unit)
    }

    /// Days since 1970 of a date of the Gregorian calendar, counted in eras of 400 years that begin on 1 March
    /// (https://howardhinnant.github.io/date_algorithms.html).
    static func days(year: Int, month: Int, day: Int) -> Int64 {
        let year = Int64(month <= 2 ? year - 1 : year)
        let era = floor(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The date of a day since 1970; the other way round.
    static func civil(day: Int64) -> (year: Int, month: Int, day: Int) {
        let day = day + 719_468
        let era = floor(day, 146_097)
        let dayOfEra = day - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(dayOfYear - (153 * shifted + 2) / 5 + 1))
    }
}
