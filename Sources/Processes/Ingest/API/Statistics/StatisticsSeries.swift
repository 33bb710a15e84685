import FoundationEssentials
import FoundationInternationalization
import Ledger
import Orders

/// The step of a statistics query.
enum StatisticsStep: String, Sendable, CaseIterable {
    case minute, hour, day

    /// The longest span that one answer covers, so that every answer is bounded.
    var daysMaximum: Int64 {
        switch self {
        case .minute: 2
        case .hour: 62
        case .day: 366
        }
    }
}

/// Minute buckets gathered into the steps of an account's time zone: pure, given the zone's rules.
struct StatisticsSeries: Sendable {
    /// One step of one currency.
    struct Line: Sendable, Equatable {
        /// The step's beginning: seconds since 1970, UTC.
        var start: Int64
        /// `-` for orders without a price.
        var currency: String
        var value: Statistics
    }

    /// Ascending by start, then currency.
    let lines: [Line]
    /// One for each currency: the sum over all steps.
    let totals: [Line]

    init(_ buckets: [(key: StatisticsKey, value: Statistics)], step: StatisticsStep, zone: TimeZone) {
        var sums: [Place: Statistics] = [:]
        var totals: [String: Statistics] = [:]
        for (key, value) in buckets {
            let place = Place(start: Self.start(ofMinute: key.minute, step: step, zone: zone), currency: key.currency)
            sums[place, default: Statistics()].add(value)
            totals[key.currency, default: Statistics()].add(value)
        }
        lines = sums.map { Line(start: $0.key.start, currency: $0.key.currency, value: $0.value) }
            .sorted { ($0.start, $0.currency) < ($1.start, $1.currency) }
        self.totals = totals.map { Line(start: 0, currency: $0.key, value: $0.value) }
            .sorted { $0.currency < $1.currency }
    }

    private struct Place: Hashable {
        var start: Int64
        var currency: String
    }

    /// The beginning of the step that a UTC minute belongs to, by the zone's clocks.
    static func start(ofMinute minute: Int64, step: StatisticsStep, zone: TimeZone) -> Int64 {
        let instant = Date(timeIntervalSince1970: TimeInterval(minute * 60))
        let seconds = minute * 60
        switch step {
        case .minute: return seconds
        case .hour:
            // A zone's offset may have half an hour, and a clock change may come in between: the local hour counts.
            let local = seconds + Int64(zone.secondsFromGMT(for: instant))
            return seconds - local.remainderFloored(3600)
        case .day:
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = zone
            return Int64(calendar.startOfDay(for: instant).timeIntervalSince1970)
        }
    }
}

extension Int64 {
    /// The remainder that is never negative.
    fileprivate func remainderFloored(_ divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}

extension Statistics {
    mutating func add(_ other: Statistics) {
        orders += other.orders
        sales += other.sales
        totalSale += other.totalSale
        totalOrdered += other.totalOrdered
    }

    /// Sales in a hundred orders, two digits, rounded down; nil without orders.
    var conversion: String? {
        guard orders > 0 else { return nil }
        let hundredths = sales * 10_000 / orders
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
