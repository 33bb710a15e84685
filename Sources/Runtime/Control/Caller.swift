public import Access
public import Orders
public import RateLimit

/// Who calls: a token, its account, and the limit that its requests count against, as topic `control` has them.
///
/// A class, made once for many requests, so that it is passed on without copying all its strings.
public final class Caller: Sendable {
    public let account: AccountRecord
    public let token: TokenRecord
    /// What is remembered of the token's secret, until the caller is made from a newer record.
    public let secret = ProvenSecret()
    public let limit: LimitTerms
    /// The account's defaults for what an order leaves open.
    public let settings: AccountSettings

    public init(account: AccountRecord, token: TokenRecord, limit: LimitTerms) {
        self.account = account
        self.token = token
        self.limit = limit
        settings = AccountSettings(
            localeTag: account.locale, country: account.country, currencyCode: account.currency)
    }
}
