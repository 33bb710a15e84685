import Access
import Control
import FoundationEssentials
import FoundationInternationalization
import HTTP
import JSON
import Ledger
import Orders

extension Endpoint {
    static func showStatistics(_ services: Services) -> Endpoint {
        let statistics = ShowStatistics(ledger: services.ledger, now: services.now)
        return Endpoint(
            "showStatistics", .get, path: "/stats", scope: .read,
            summary: "`by` minute, hour or day, `from`, `to`, and `offerId`, `source` as filters; "
                + "`Accept: text/csv` gives CSV"
        ) { try await statistics.response($0) }
    }
}

/// Orders, sales, conversion and sums per currency, by minute, hour or day of the account's time zone; JSON, or CSV if
/// the caller accepts only that.
private struct ShowStatistics: Sendable {
    private static let minute: Int64 = 60_000
    private static let minutesOfDay: Int64 = 1440

    let ledger: Ledger
    let now: @Sendable () -> Timestamp

    func response(_ call: Call) async throws -> Response {
        let zone = call.caller.account.zone
        let (filter, step) = try Self.filter(call, now: now())
        let series = StatisticsSeries(try await ledger.statistics(filter), step: step, zone: zone)
        let format = Negotiation.choose(["application/json", "text/csv"], accept: call.fields["Accept"])
        if format == "text/csv" { return Self.csv(series, zone: zone) }
        let buyers = try await ledger.uniqueBuyers(filter)
        return Answer.success { writer in
            writer.object { writer in
                writer.member("from", Timestamp(milliseconds: filter.minutes.lowerBound * Self.minute).iso8601)
                writer.member("to", Timestamp(milliseconds: filter.minutes.upperBound * Self.minute).iso8601)
                writer.member("by", step.rawValue)
                writer.member("timeZone", zone.identifier)
                writer.key("uniqSales")
                writer.int64(Int64(buyers))
                writer.key("totals")
                writer.array { writer in
                    for line in series.totals { Self.write(line, start: nil, &writer) }
                }
                writer.key("series")
                writer.array { writer in
                    for line in series.lines { Self.write(line, start: Self.text(line.start, zone), &writer) }
                }
            }
        }
    }

    /// By default the last seven days by day.
    private static func filter(_ call: Call, now: Timestamp) throws(Refusal) -> (StatisticsFilter, StatisticsStep) {
        var query = Query(call.query)
        let step = query.value("by", expected: "minute, hour or day") { StatisticsStep(rawValue: $0) } ?? .day
        let account = call.caller.account
        let zone = account.zone
        let end = query.instant("to", zone)?.minute ?? now.minute + 1
        let start = query.instant("from", zone)?.minute ?? end - 7 * minutesOfDay
        try query.finish()
        guard start < end, end - start <= step.daysMaximum * minutesOfDay else {
            throw Refusal(
                422, .formatError,
                "The requested span must not be empty and, by \(step.rawValue), must be at most \(step.daysMaximum) days.",
                faults: [
                    Refusal.Field(
                        pointer: "/from", code: "WRONG_SPAN", expected: "at most \(step.daysMaximum) days before `to`",
                        got: "\((end - start) / minutesOfDay) days")
                ])
        }
        var filter = StatisticsFilter(account: account.id, minutes: start..<end)
        filter.offer = query.text("offerId")
        filter.source = query.text("source")
        return (filter, step)
    }

    private static func write(_ line: StatisticsSeries.Line, start: String?, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("start", start)
            writer.member("currency", line.currency == "-" ? nil : line.currency)
            writer.key("orders")
            writer.int64(line.value.orders)
            writer.key("sales")
            writer.int64(line.value.sales)
            writer.member("conversion", line.value.conversion)
            writer.member("totalSale", amount(line.value.totalSale, line.currency))
            writer.member("totalOrdered", amount(line.value.totalOrdered, line.currency))
        }
    }

    private static func csv(_ series: StatisticsSeries, zone: TimeZone) -> Response {
        var text = "start,currency,orders,sales,conversion,totalSale,totalOrdered\r\n"
        for line in series.lines {
            let columns = [
                Self.text(line.start, zone), line.currency == "-" ? "" : line.currency, String(line.value.orders),
                String(line.value.sales), line.value.conversion ?? "",
                amount(line.value.totalSale, line.currency) ?? "",
                amount(line.value.totalOrdered, line.currency) ?? "",
            ]
            text += columns.joined(separator: ",") + "\r\n"
        }
        return Response(status: 200, fields: ["Content-Type": "text/csv; charset=utf-8"], body: Array(text.utf8))
    }

    /// In major units; nil if there is no currency.
    private static func amount(_ minorUnits: Int64, _ currency: String) -> String? {
        Currency(currency).map { Money(minorUnits: minorUnits, currency: $0).decimal.description }
    }

    /// ISO 8601 with the zone's offset: `2026-11-24T00:00:00+02:00`.
    private static func text(_ seconds: Int64, _ zone: TimeZone) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(
            Date.ISO8601FormatStyle(timeZoneSeparator: .colon, timeZone: zone))
    }
}
