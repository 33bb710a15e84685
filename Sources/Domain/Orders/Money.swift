public import JSON

/// An amount in minor units of a currency; never a floating-point number.
public struct Money: Sendable, Hashable {
    public var minorUnits: Int64
    public var currency: Currency
    public init(minorUnits: Int64, currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }
    /// An exact decimal in major units; nil where it has more digits after the point than the currency, or is too large.
    public init?(_ decimal: ExactDecimal, currency: Currency) { fatalError("to be written") }
    /// In major units, with as many digits after the point as the currency has.
    public var decimal: ExactDecimal { fatalError("to be written") }
}

/// A currency of ISO 4217.
public struct Currency: Sendable, Hashable, CustomStringConvertible {
    /// Three capital letters.
    public let code: String
    /// Digits of its minor unit: 2 for UAH, 0 for JPY, 3 for KWD.
    public let fractionDigits: Int
    /// nil where ISO 4217 does not list it; any case is taken.
    public init?(_ code: String) { fatalError("to be written") }
    public var description: String { code }
}
