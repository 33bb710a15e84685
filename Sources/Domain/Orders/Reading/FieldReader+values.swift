import JSON
import Phones

extension FieldReader {
    /// The largest price in minor units: sums of a hundred thousand of them stay within 64 bits.
    static let minorUnitsMax: Int64 = 100_000_000_000_000
    static let quantityMax: Int64 = 1_000_000
    /// Dates outside are slips: the year 20206, or seconds taken for milliseconds.
    static let dates = Timestamp(iso8601: "2000-01-01")!..<Timestamp(iso8601: "2100-01-01")!

    /// A price before its currency is known.
    struct Amount {
        var decimal: ExactDecimal
        var place: Place
    }

    mutating func email(_ value: Scalar, at place: Place) -> String? {
        guard let text = plain(value, at: place, takesNumbers: false) else { return nil }
        guard origin == .asked else { return text }
        let trimmed = trimmed(text)
        guard !trimmed.isEmpty else { return nil }
        guard trimmed.utf8.count <= EmailAddress.countMax else {
            fault(
                .tooLong, at: place, expected: "at most \(EmailAddress.countMax) characters",
                came: "\(trimmed.utf8.count) characters")
            return nil
        }
        guard let email = EmailAddress.canonical(trimmed) else {
            fault(.wrongEmail, at: place, expected: "an address as name@example.com", came: masked(trimmed))
            return nil
        }
        return email
    }

    mutating func phone(_ value: Scalar, at place: Place) -> String? {
        guard let text = plain(value, at: place, takesNumbers: true) else { return nil }
        guard origin == .asked else { return text }
        let trimmed = trimmed(text)
        guard !trimmed.isEmpty else { return nil }
        guard let phone = e164(trimmed, country: settings.country) else {
            fault(
                .wrongPhone, at: place, expected: "a number as +380671234567, or of the country \(settings.country)",
                came: masked(trimmed))
            return nil
        }
        return phone
    }

    mutating func locale(_ value: Scalar, at place: Place) -> OrderLocale? {
        guard let text = text(value, at: place, style: .identifier, countMax: 35) else { return nil }
        guard let locale = OrderLocale(tag: text) else {
            fault(.wrongLocale, at: place, expected: "uk, en or ru", came: quoted(text))
            return nil
        }
        return locale
    }

    mutating func date(_ value: Scalar, at place: Place) -> Timestamp? {
        guard let text = text(value, at: place, style: .line, countMax: 100) else { return nil }
        guard let date = Timestamp(iso8601: text), origin == .stored || Self.dates.contains(date) else {
            fault(
                .wrongDate, at: place, expected: "ISO 8601 as 2026-05-01T12:30:00Z, of the years 2000 to 2099",
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
            case "": return nil
            case "true", "1", "yes", "on": return true
            case "false", "0", "no", "off": return false
            default: fault(.wrongType, at: place, expected: "true or false", came: quoted(text))
            }
        case .number(let number?) where number == ExactDecimal(digits: 0, scale: 0): return false
        case .number(let number?) where number == ExactDecimal(digits: 1, scale: 0): return true
        case .number: wrongType(at: place, expected: .bool, came: .number)
        }
        return nil
    }

    mutating func quantity(_ value: Scalar, at place: Place) -> Int64? {
        let number: ExactDecimal?
        switch value {
        case .number(let decimal): number = decimal
        case .text(let text):
            let trimmed = trimmed(text)
            if trimmed.isEmpty { return nil }
            number = ExactDecimal(trimmed)
        case .bool:
            wrongType(at: place, expected: .number, came: value.kind)
            return nil
        }
        // 2.0 pieces are two.
        guard let number, let quantity = whole(number), origin == .stored || 1...Self.quantityMax ~= quantity
        else {
            fault(
                .wrongQuantity, at: place, expected: "a whole number from 1 to \(Self.quantityMax)", came: shown(value))
            return nil
        }
        return quantity
    }

    private func whole(_ number: ExactDecimal) -> Int64? {
        var digits = number.digits
        for _ in 0..<number.scale {
            guard digits % 10 == 0 else { return nil }
            digits /= 10
        }
        return digits
    }

    /// A price, as number or as text with a point; judged with its currency by ``money(_:currency:)``.
    mutating func amount(_ value: Scalar, at place: Place) -> Amount? {
        switch value {
        case .number(let decimal?): return Amount(decimal: decimal, place: place)
        case .text(let text):
            let trimmed = trimmed(text)
            if trimmed.isEmpty { return nil }
            if let decimal = ExactDecimal(trimmed) { return Amount(decimal: decimal, place: place) }
        case .number(nil): break
        case .bool:
            wrongType(at: place, expected: .number, came: value.kind)
            return nil
        }
        fault(.wrongPrice, at: place, expected: "a decimal as 1250.50", came: shown(value))
        return nil
    }

    mutating func money(_ amount: Amount, currency: Currency) -> Money? {
        let digits = currency.fractionDigits
        guard let money = Money(amount.decimal, currency: currency) else {
            let expected = "an amount with at most \(digits) digits after the point, as \(currency) has"
            fault(.wrongPrice, at: amount.place, expected: expected, came: amount.decimal.description)
            return nil
        }
        guard origin == .stored || 0...Self.minorUnitsMax ~= money.minorUnits else {
            let most = ExactDecimal(digits: Self.minorUnitsMax, scale: digits)
            fault(
                .wrongPrice, at: amount.place, expected: "an amount from 0 to \(most)",
                came: amount.decimal.description)
            return nil
        }
        return money
    }

    mutating func currency(_ value: Scalar, at place: Place) -> Currency? {
        guard let text = text(value, at: place, style: .line, countMax: 100) else { return nil }
        guard let currency = Currency(text) else {
            fault(.wrongCurrency, at: place, expected: "a code of ISO 4217 as UAH", came: quoted(text))
            return nil
        }
        return currency
    }

    private func trimmed(_ text: String) -> String {
        let shape = TextShape(text)
        guard shape.hasSpaceAround || shape.hasControls else { return text }
        let isSpace = { (scalar: Unicode.Scalar) in scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
        }
        let scalars = text.unicodeScalars
        let start = scalars.firstIndex { !isSpace($0) } ?? scalars.endIndex
        let end = scalars.lastIndex { !isSpace($0) }.map(scalars.index(after:)) ?? start
        return String(scalars[start..<end])
    }

    private func shown(_ value: Scalar) -> String {
        switch value {
        case .text(let text): quoted(text)
        case .number(let number): number?.description ?? "a number with too many digits"
        case .bool(let bool): "\(bool)"
        }
    }
}
