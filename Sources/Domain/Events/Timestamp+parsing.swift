extension Timestamp {
    /// Reads ISO 8601 as callers write it: `2026-05-01`, or date and time (`T` or a space between) to minutes, seconds
    /// or fractions of them, with `Z`, `+03:00`, `+0300`, `+03`, or none of these, which means UTC. Digits after the
    /// third of a fraction are dropped. nil if the text is anything else, or if there is no such day or time.
    public init?(iso8601 text: String) {
        var scanner = TimeScanner(text)
        guard let milliseconds = scanner.instant() else { return nil }
        self.init(milliseconds: milliseconds)
    }
}

/// Reads an instant's text once from left to right.
private struct TimeScanner {
    private static let textCountMaximum = 40

    private let text: [UInt8]
    private var next = 0

    init(_ text: String) { self.text = text.utf8.count <= Self.textCountMaximum ? Array(text.utf8) : [] }

    mutating func instant() -> Int64? {
        guard let days = date() else { return nil }
        if next == text.count { return days * 86_400_000 }
        guard take("T") || take("t") || take(" "), let time = time(), let offset = offset(), next == text.count else {
            return nil
        }
        return days * 86_400_000 + time - offset
    }

    private mutating func date() -> Int64? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2) else { return nil }
        guard 1...12 ~= month, 1...Self.dayCount(year: year, month: month) ~= day else { return nil }
        return Timestamp.days(year: year, month: month, day: day)
    }

    /// Milliseconds since midnight.
    private mutating func time() -> Int64? {
        guard let hour = digits(2), hour < 24, take(":"), let minute = digits(2), minute < 60 else { return nil }
        var milliseconds = Int64(hour * 60 + minute) * 60_000
        guard take(":") else { return milliseconds }
        guard let second = digits(2), second < 60 else { return nil }
        milliseconds += Int64(second) * 1000
        guard take(".") || take(",") else { return milliseconds }
        var unit: Int64 = 100
        guard let first = digits(1) else { return nil }
        milliseconds += Int64(first) * unit
        while let digit = digits(1) {
            unit /= 10
            milliseconds += Int64(digit) * unit
        }
        return milliseconds
    }

    /// Milliseconds that the zone is before UTC.
    private mutating func offset() -> Int64? {
        if next == text.count || take("Z") || take("z") { return 0 }
        let isAhead = take("+")
        guard isAhead || take("-"), let hours = digits(2), hours < 24 else { return nil }
        var minutes = 0
        if next < text.count {
            _ = take(":")
            guard let given = digits(2), given < 60 else { return nil }
            minutes = given
        }
        let milliseconds = Int64(hours * 60 + minutes) * 60_000
        return isAhead ? milliseconds : -milliseconds
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next < text.count, text[next] == UInt8(ascii: scalar) else { return false }
        next += 1
        return true
    }

    private mutating func digits(_ count: Int) -> Int? {
        guard next + count <= text.count else { return nil }
        var value = 0
        for byte in text[next..<next + count] {
            guard byte &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(byte &- 0x30)
        }
        next += count
        return value
    }

    private static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
