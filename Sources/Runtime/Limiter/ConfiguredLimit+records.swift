public import Access
public import RateLimit

extension ConfiguredLimit {
    /// What topic `control` says of a token's limit: the limit's own record, whose version is one for all who share it,
    /// else the number in the token's, which every such record beats.
    public init(of token: TokenRecord, _ quota: QuotaRecord?) {
        self.init(limit: quota?.limit ?? token.limit, version: quota?.version ?? 0)
    }
}
