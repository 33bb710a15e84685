/// The languages that messages are written in.
public enum OrderLocale: String, Sendable, Hashable, CaseIterable {
    case uk, en, ru

    /// The language that a tag of BCP 47 begins with (`uk-UA`, `en_US`, `ru`); `ua`, which is not a language tag but is
    /// often sent, means Ukrainian. nil for any other language.
    public init?(tag: String) {
        // Most tags are just the language, and nothing is to be cut or folded.
        if let locale = Self(rawValue: tag) {
            self = locale
            return
        }
        let language = tag.prefix { $0 != "-" && $0 != "_" }.lowercased()
        self.init(rawValue: language == "ua" ? "uk" : language)
    }
}

/// The account's defaults for what an order leaves open.
public struct AccountSettings: Sendable, Hashable {
    public var locale: OrderLocale
    /// ISO 3166: the country of phone numbers without a prefix.
    public var country: String
    /// The currency of prices that name none.
    public var currency: Currency

    public init(locale: OrderLocale, country: String, currency: Currency) {
        self.locale = locale
        self.country = country
        self.currency = currency
    }

    /// From an account's record, whose texts come from configuration: an unknown language becomes `uk`, an unknown
    /// currency UAH.
    public init(localeTag: String, country: String, currencyCode: String) {
        self.init(
            locale: OrderLocale(tag: localeTag) ?? .uk, country: country, currency: Currency(currencyCode) ?? .uah)
    }
}
