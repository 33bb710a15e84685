import JSON
import Phones

extension FieldReader {
    /// The largest price in minor units: sums of a hundred thousand of them stay within 64 bits.
    static let minorUnitsMaximum: Int64 = 100_000_000_000_000
    /// What was accepted once is not judged again; but sums of what one transaction takes in must stay within 64 bits,
    /// whoever wrote it.
    static let storedMinorUnitsMaximum = 10 * minorUnitsMaximum
    /// Dates outside are slips: the year 20206, or seconds taken for milliseconds.
    static let dates = Timestamp(iso8601: "2000-01-01")!..<Timestamp(iso8601: "2100-01-01")!

    /// A price before its currency is known.
    struct Amount {
        var decimal: ExactDecimal
        var place: Place
        /// It came as a JSON number, which programs make of binary fractions.
        var isNumber = false
        /// Its last digits are not kept.
        var isCut = false
    }

    mutating func email(_ value: Scalar, at place: Place) -> String? {
        guard let text = plain(value, at: place, takesNumbers: false) else { return nil }
        guard origin == .asked else { return text }
        let trimmed = trimmed(text)
        guard !trimmed.isEmpty else { return nil }
        guard trimmed.utf8.count <= EmailAddress.countMaximum else {
            fault(
                .tooLong, at: place, expected: "at most \(EmailAddress.countMaximum) characters",
                came: "\(trimmed.utf8.count) characters")
            return nil
        }
        guard let email = EmailAddress.canonical(trimmed) else {
            fault(.wrongEmail, at: place, expected: EmailAddress.fault(in: trimmed), came: masked(trimmed))
            return nil
        }
        return email
    }

    mutating func phone(_ value: Scalar, at place: Place) -> String? {
        guard let text = plain(value, at: place, takesNumbers: true) else { return nil }
        guard origin == .asked else { return text }
        let trimmed = trimmed(text)
        guard !trimmed.isEmpty else { return nil }
        // The first rules took for a number what had the shape of one.
        if rules == .first, isE164(trimmed) { return trimmed }
        let phone = e164(trimmed, country: settings.country)
        if phone != trimmed, isE164(trimmed) { differs() }
        if phone == nil {
            fault(
                .wrongPhone, at: place,
                expected: "a number like +380671234567, or a national one of \(settings.country)",
                came: masked(trimmed))
        }
        return phone
    }

    mutating func locale(_ value: Scalar, at place: Place) -> OrderLocale? {
        guard let text = text(value, at: place, style: .identifier, countMaximum: 35) else { return nil }
        let locale = OrderLocale(tag: text)
        if locale == nil { fault(.wrongLocale, at: place, expected: "uk, en or ru", came: quoted(text)) }
        return locale
    }

    mutating func date(_ value: Scalar, at place: Place) -> Timestamp? {
        guard let text = text(value, at: place, style: .line, countMaximum: 100) else { return nil }
        guard let date = Timestamp(iso8601: text), origin == .stored || Self.dates.contains(date) else {
            fault(
                .wrongDate, at: place, expected: "ISO 8601 like 2026-05-01T12:30:00Z, in the years 2000 to 2099",
                came: quoted(text))
            return nil
        }
        return date
    }

    /// `true`, `false`, and the texts that forms and careless clients send for them.
    mutating func bool(_ value: Scalar, at place: Place) -> Bool? {
        switch value {
        case .bool(let bool): return bool
        case .text(let text):
            switch trimmed(text).lowercased() {
            case "":
                // What PHP makes of false in a form. Absent is what is not there, or null.
                guard isPresent else { return nil }
                differs()
                return false
            case "true", "1", "yes", "on": return true
            case "false", "0", "no", "off": return false
            default: fault(.wrongType, at: place, expected: "true or false", came: quoted(text))
            }
        case .number(let number?) where number == ExactDecimal(digits: 0, scale: 0): return false
        case .number(let number?) where number == ExactDecimal(digits: 1, scale: 0): return true
        case .number, .longNumber: wrongType(at: place, expected: .bool, came: .number)
        }
        return nil
    }

    mutating func quantity(_ value: Scalar, at place: Place) -> Quantity? {
        let number: ExactDecimal?
        switch value {
        // A binary fraction written out is exact to fifteen digits: 0.30000000000000004 is 0.3.
        case .number(let decimal): number = decimal?.rounded(significantDigits: Self.exactDigits)
        case .longNumber(let decimal): number = decimal.rounded(significantDigits: Self.exactDigits)
        case .text(let text):
            let trimmed = trimmed(text)
            if trimmed.isEmpty { return nil }
            number = ExactDecimal(trimmed)
        case .bool:
            wrongType(at: place, expected: .number, came: value.kind)
            return nil
        }
        guard let number, let quantity = Quantity(number),
            origin == .stored || 1...Quantity.maximum.thousandths ~= quantity.thousandths
        else {
            fault(
                .wrongQuantity, at: place,
                expected:
                    "a number above 0, to \(Quantity.maximum), with at most \(Quantity.scale) digits after the point",
                came: shown(value))
            return nil
        }
        return quantity
    }

    /// Digits to which a binary fraction of 64 bits is exact in the decimal system (IEEE 754, `DBL_DIG`).
    static let exactDigits = 15

    /// A price, as number or as text with a point; judged with its currency by ``money(_:currency:of:)``.
    mutating func amount(_ value: Scalar, at place: Place) -> Amount? {
        switch value {
        case .number(let decimal?): return Amount(decimal: decimal, place: place, isNumber: true)
        case .longNumber(let decimal): return Amount(decimal: decimal, place: place, isNumber: true, isCut: true)
        case .text(let text):
            let trimmed = trimmed(text)
            if trimmed.isEmpty { return nil }
            if let decimal = ExactDecimal(trimmed) { return Amount(decimal: decimal, place: place) }
            if let decimal = ExactDecimal(cutting: trimmed) {
                return Amount(decimal: decimal, place: place, isCut: true)
            }
        case .number(nil): break
        case .bool:
            wrongType(at: place, expected: .number, came: value.kind)
            return nil
        }
        fault(.wrongPrice, at: place, expected: "a decimal like 1250.50", came: shown(value))
        return nil
    }

    /// What an amount is of.
    enum Priced {
        /// Exact, for it is what is paid; noise behind the digits that a binary fraction keeps does not count.
        case order
        /// One piece of a line: often a quotient, rounded commercially; below zero where it is a discount.
        case line
    }

    mutating func money(_ amount: Amount, currency: Currency, of priced: Priced) -> Money? {
        let digits = currency.fractionDigits
        guard let money = money(of: amount, currency, priced) else {
            let expected = "an amount with at most \(digits) digits after the point, as \(currency) has"
            fault(.wrongPrice, at: amount.place, expected: expected, came: amount.decimal.description)
            return nil
        }
        let isStored = origin == .stored
        let maximum = isStored ? Self.storedMinorUnitsMaximum : Self.minorUnitsMaximum
        let least = isStored || (isPresent && priced == .line) ? -maximum : 0
        guard least...maximum ~= money.minorUnits else {
            let most = ExactDecimal(digits: maximum, scale: digits)
            fault(
                .wrongPrice, at: amount.place,
                expected: "an amount from \(ExactDecimal(digits: least, scale: digits)) to \(most)",
                came: amount.decimal.description)
            return nil
        }
        return money
    }

    private func money(of amount: Amount, _ currency: Currency, _ priced: Priced) -> Money? {
        if !amount.isCut, let money = Money(amount.decimal, currency: currency) { return money }
        guard isPresent else { return nil }
        switch priced {
        case .line:
            return amount.decimal.roundedUnits(scale: currency.fractionDigits).map {
                Money(minorUnits: $0, currency: currency)
            }
        case .order:
            guard amount.isNumber else { return nil }
            return Money(amount.decimal.rounded(significantDigits: Self.exactDigits), currency: currency)
        }
    }

    mutating func currency(_ value: Scalar, at place: Place) -> Currency? {
        guard let text = text(value, at: place, style: .line, countMaximum: 100) else { return nil }
        guard let currency = Currency(text) else {
            fault(.wrongCurrency, at: place, expected: "an ISO 4217 code like UAH", came: quoted(text))
            return nil
        }
        return currency
    }

    private func shown(_ value: Scalar) -> String {
        switch value {
        case .text(let text): quoted(text)
        case .number(let number): number?.description ?? "a number with too many digits"
        case .longNumber(let number): "\(number)…"
        case .bool(let bool): "\(bool)"
        }
    }
}
