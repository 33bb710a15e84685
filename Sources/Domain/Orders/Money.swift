public import JSON

/// An amount in minor units of a currency; never a floating-point number.
public struct Money: Sendable, Hashable {
    /// In the currency's smallest unit: kopecks, cents; below zero for a discount.
    public var minorUnits: Int64
    public var currency: Currency

    public init(minorUnits: Int64, currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// An amount from an exact decimal in major units; nil if it has more digits after the point than the currency (not
    /// counting zeros: 2.500 is 2.50), or is too large.
    public init?(_ decimal: ExactDecimal, currency: Currency) {
        var digits = decimal.digits
        var scale = decimal.scale
        while scale > currency.fractionDigits {
            let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: 10)
            guard remainder == 0 else { return nil }
            digits = quotient
            scale -= 1
        }
        while scale < currency.fractionDigits {
            let (product, isTooLarge) = digits.multipliedReportingOverflow(by: 10)
            if isTooLarge { return nil }
            digits = product
            scale += 1
        }
        self.init(minorUnits: digits, currency: currency)
    }

    /// In major units, with as many digits after the point as the currency has.
    public var decimal: ExactDecimal { ExactDecimal(digits: minorUnits, scale: currency.fractionDigits) }
}
