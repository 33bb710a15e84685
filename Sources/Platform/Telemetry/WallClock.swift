import Primitives

/// The time of day, for what is written down; durations are measured on `ContinuousClock`.
public enum WallClock {
    /// Now: milliseconds since 1970-01-01T00:00:00Z.
    @Sendable public static func milliseconds() -> Int64 { MachineClock.wall.milliseconds }

    /// ISO 8601 in UTC with milliseconds, `2026-01-31T12:00:00.000Z`, of milliseconds since 1970.
    public static func iso8601(_ milliseconds: Int64) -> String {
        let (days, rest) = milliseconds.quotientAndRemainder(flooringBy: 86_400_000)
        // From days to a date of the proleptic Gregorian calendar, years beginning in March so that the leap day is
        // last.
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(flooringBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * march + 2) / 5 + 1
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let seconds = rest / 1000
        return String(unsafeUninitializedCapacity: 24) { text in
            put(year, 4, at: 0, in: text)
            put(month, 2, at: 5, in: text)
            put(day, 2, at: 8, in: text)
            put(seconds / 3600, 2, at: 11, in: text)
            put(seconds / 60 % 60, 2, at: 14, in: text)
            put(seconds % 60, 2, at: 17, in: text)
            put(rest % 1000, 3, at: 20, in: text)
            for (index, sign) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "."), (23, "Z")]
                as [(Int, Unicode.Scalar)]
            {
                text[index] = UInt8(ascii: sign)
            }
            return 24
        }
    }
}

/// A number's last `width` digits; years beyond 9999 do not occur.
private func put(_ value: Int64, _ width: Int, at start: Int, in text: UnsafeMutableBufferPointer<UInt8>) {
    var rest = value
    for index in (start..<start + width).reversed() {
        text[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
    }
}

extension Int64 {
    fileprivate func quotientAndRemainder(flooringBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
