public import Access

/// What `ingest` knows of accounts, tokens and restrictions: a replica of topic `control`.
public struct ControlSnapshot: Sendable {
    public var accounts: [String: AccountRecord] = [:]
    public var tokens: [String: TokenRecord] = [:]
    public var restrictions: [String: RestrictionRecord] = [:]
    public init() {}
}
