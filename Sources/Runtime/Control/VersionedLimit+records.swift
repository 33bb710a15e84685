public import Access
public import RateLimit

extension VersionedLimit {
    /// A token's limit, as topic `control` has it: from the limit's own record, whose version is the same for all
    /// tokens that share it, else from the token's record, with version 0, which every such record overrides.
    public init(of token: TokenRecord, _ setting: LimitSetting?) {
        self.init(limit: setting?.limit ?? token.limit, version: setting?.version ?? 0)
    }
}
