import FoundationEssentials
import FoundationInternationalization
import Orders

/// How a locale writes numbers, money and dates.
struct Forms {
    private let locale: Locale
    private let timeZone: TimeZone

    /// - Parameter timeZone: its IANA name; UTC where the system does not know it.
    init(locale: OrderLocale, timeZone: String) {
        self.locale = Locale(identifier: locale.rawValue)
        self.timeZone = TimeZone(identifier: timeZone) ?? .gmt
    }

    /// `1 234 567` with the locale's separators.
    func number(_ number: Int64) -> String { number.formatted(.number.locale(locale)) }

    /// `0,55`, `2`: with as many digits after the point as it has.
    func quantity(_ quantity: Quantity) -> String {
        let number = Decimal(
            sign: quantity.thousandths < 0 ? .minus : .plus, exponent: -Quantity.scale,
            significand: Decimal(quantity.thousandths.magnitude))
        return number.formatted(.number.precision(.fractionLength(0...Quantity.scale)).locale(locale))
    }

    /// `1 234,50 ₴`: with as many digits after the point as the currency has by ISO 4217.
    func money(_ money: Money) -> String {
        let sign: FloatingPointSign = money.minorUnits < 0 ? .minus : .plus
        let amount = Decimal(
            sign: sign, exponent: -money.currency.fractionDigits, significand: Decimal(money.minorUnits.magnitude))
        let style = Decimal.FormatStyle.Currency(code: money.currency.code).locale(locale)
        return amount.formatted(style.precision(.fractionLength(money.currency.fractionDigits)))
    }

    /// `24 листопада 2025 р. о 18:00` in the account's time zone.
    func date(_ instant: Timestamp) -> String {
        var style = Date.FormatStyle(date: .long, time: .shortened).locale(locale)
        style.timeZone = timeZone
        return Date(timeIntervalSince1970: Double(instant.milliseconds) / 1_000).formatted(style)
    }
}
