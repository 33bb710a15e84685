import Access
import FoundationEssentials
import Orders

/// Reads a query's parameters, or a body's that has such, and collects their faults, so that one answer reports all of them.
struct Query: Sendable {
    private let pairs: [(name: String, value: String)]
    private let place: String
    private var faults: [Refusal.Field] = []

    /// - Parameter place: where they stand, for messages.
    init(_ pairs: [(name: String, value: String)], of place: String = "query") {
        self.pairs = pairs
        self.place = place
    }

    /// nil if the parameter is absent or empty.
    func text(_ name: String) -> String? {
        guard let value = pairs.first(where: { $0.name == name })?.value, !value.isEmpty else { return nil }
        return value
    }

    /// The parameter, parsed by `parse`; an invalid one is a fault, and nil.
    mutating func value<Value>(_ name: String, expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = text(name) else { return nil }
        if let value = parse(text) { return value }
        fault(name, expected: expected, got: String(text.prefix(40)))
        return nil
    }

    /// Every value of a parameter that may be given several times; an invalid one is a fault.
    mutating func values<Value>(_ name: String, expected: String, _ parse: (String) -> Value?) -> [Value] {
        var values: [Value] = []
        for pair in pairs where pair.name == name && !pair.value.isEmpty {
            if let value = parse(pair.value) {
                values.append(value)
            } else {
                fault(name, expected: expected, got: String(pair.value.prefix(40)))
            }
        }
        return values
    }

    /// `true` or `1`, `false` or `0`.
    mutating func flag(_ name: String) -> Bool? {
        value(name, expected: "true or false") { text in
            ["true", "1"].contains(text) ? true : ["false", "0"].contains(text) ? false : nil
        }
    }

    /// Notes that a parameter is wrong.
    mutating func fault(_ name: String, expected: String, got: String) {
        faults.append(
            Refusal.Field(pointer: "/\(name)", code: "WRONG_\(name.uppercased())", expected: expected, got: got))
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>) -> Int? {
        value(name, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// - Parameter zone: for a date without a time, which means that day's first instant in this zone.
    mutating func instant(_ name: String, _ zone: TimeZone) -> Timestamp? {
        value(name, expected: "a date like 2026-11-24, or an instant by ISO 8601 like 2026-11-24T09:30:00+02:00") {
            Self.instant($0, zone)
        }
    }

    private static func instant(_ text: String, _ zone: TimeZone) -> Timestamp? {
        guard let instant = Timestamp(iso8601: withPlus(text)) else { return nil }
        guard text.utf8.count == dateByteCount else { return instant }
        // The zone's day begins at another instant than UTC's, and not always at midnight: clocks may change then, too.
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let start = Date(timeIntervalSince1970: Double(instant.milliseconds) / 1_000)
        let noon = start + 43_200 - Double(zone.secondsFromGMT(for: start))
        return Timestamp(milliseconds: Int64(calendar.startOfDay(for: noon).timeIntervalSince1970) * 1_000)
    }

    /// Our own answers print `2026-11-24T00:00:00+02:00`, and a plus sign that a caller does not encode is a space in a
    /// query: at an instant's end, after a time, it is that plus.
    private static func withPlus(_ text: String) -> String {
        guard let space = text.lastIndex(of: " "), text[..<space].utf8.count > dateByteCount else { return text }
        return "\(text[..<space])+\(text[text.index(after: space)...])"
    }

    /// `2026-11-24`.
    private static let dateByteCount = 10

    /// Throws if any parameter was wrong.
    func finish() throws(Refusal) {
        guard faults.isEmpty else {
            throw Refusal(422, .formatError, "The \(place) has invalid parameters.", faults: faults)
        }
    }
}

extension AccountRecord {
    /// The account's time zone; UTC if the system does not know it.
    var zone: TimeZone { TimeZone(identifier: timeZone) ?? .gmt }
}
