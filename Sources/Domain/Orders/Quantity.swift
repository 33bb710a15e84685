public import JSON

/// How much of a thing: pieces, or metres and kilograms to three places after the point.
public struct Quantity: Sendable, Hashable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// Digits after the point.
    public static let scale = 3
    /// The largest one.
    public static let maximum = Quantity(thousandths: 1_000_000_000)

    /// In thousandths of a unit: 1,500 is 1.5.
    public var thousandths: Int64

    public init(thousandths: Int64) { self.thousandths = thousandths }
    public init(integerLiteral value: Int64) { thousandths = value * 1_000 }

    /// nil if it has more than three digits after the point, or is too large.
    public init?(_ decimal: ExactDecimal) {
        // Most come in pieces.
        if decimal.scale == 0, -1_000_000...1_000_000 ~= decimal.digits {
            thousandths = decimal.digits * 1_000
            return
        }
        guard let thousandths = decimal.units(scale: Self.scale) else { return nil }
        self.thousandths = thousandths
    }

    /// Without trailing zeros: 2, 0.5, 0.125.
    public var decimal: ExactDecimal {
        var (digits, scale) = (thousandths, Self.scale)
        while scale > 0, digits % 10 == 0 { (digits, scale) = (digits / 10, scale - 1) }
        return ExactDecimal(digits: digits, scale: scale)
    }

    public var description: String { decimal.description }
}

extension Item {
    /// Price times quantity, rounded half away from zero to the minor unit; nil without a price, or if the product is
    /// too large.
    public var sum: Money? {
        guard let price else { return nil }
        let (pieces, part) = quantity.thousandths.quotientAndRemainder(dividingBy: 1_000)
        if part == 0 {
            let (product, isTooLarge) = price.minorUnits.multipliedReportingOverflow(by: pieces)
            return isTooLarge ? nil : Money(minorUnits: product, currency: price.currency)
        }
        let product = Int128(price.minorUnits) * Int128(quantity.thousandths)
        let half: Int128 = product < 0 ? -500 : 500
        guard let minorUnits = Int64(exactly: (product + half) / 1_000) else { return nil }
        return Money(minorUnits: minorUnits, currency: price.currency)
    }
}

extension OrderDraft {
    /// The sum of all items; nil if one has no price, if their currencies differ, or if the sum is too large.
    public var itemsSum: Money? {
        guard let first = items.first?.sum else { return nil }
        var total = Money(minorUnits: 0, currency: first.currency)
        for item in items {
            guard let sum = item.sum, sum.currency == total.currency else { return nil }
            let (added, isTooLarge) = total.minorUnits.addingReportingOverflow(sum.minorUnits)
            if isTooLarge { return nil }
            total.minorUnits = added
        }
        return total
    }
}

extension ExactDecimal {
    /// The number in units of 10⁻ˢᶜᵃˡᵉ; nil if it has more digits after the point (not counting zeros), or is too
    /// large.
    func units(scale wanted: Int) -> Int64? {
        let rounded = roundedUnits(scale: wanted)
        guard let rounded, ExactDecimal(digits: rounded, scale: wanted).isEqual(to: self) else { return nil }
        return rounded
    }

    /// The same, rounded half away from zero.
    func roundedUnits(scale wanted: Int) -> Int64? {
        var (digits, scale) = (Int128(digits), scale)
        while scale < wanted { (digits, scale) = (digits * 10, scale + 1) }
        var divisor: Int128 = 1
        while scale > wanted { (divisor, scale) = (divisor * 10, scale - 1) }
        let half = digits < 0 ? -divisor / 2 : divisor / 2
        return Int64(exactly: divisor == 1 ? digits : (digits + half) / divisor)
    }

    /// Rounded to so many significant digits; a binary fraction written out is exact to fifteen.
    func rounded(significantDigits count: Int) -> ExactDecimal {
        if scale == 0 { return self }
        var (rest, length) = (digits.magnitude, 0)
        while rest > 0 { (rest, length) = (rest / 10, length + 1) }
        let scale = scale - (length - count)
        guard length > count, scale >= 0, let digits = roundedUnits(scale: scale) else { return self }
        return ExactDecimal(digits: digits, scale: scale)
    }

    /// Whether both are the same number, whatever zeros they were written with.
    private func isEqual(to other: ExactDecimal) -> Bool {
        let wanted = max(scale, other.scale)
        func units(_ one: ExactDecimal) -> Int128 {
            (one.scale..<wanted).reduce(Int128(one.digits)) { product, _ in product * 10 }
        }
        return units(self) == units(other)
    }
}
