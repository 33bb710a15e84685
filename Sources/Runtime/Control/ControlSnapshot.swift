public import Access

/// What `ingest` knows of accounts, tokens and restrictions: topic `control`, applied record by record.
public struct ControlSnapshot: Sendable {
    /// The topic's name (DESIGN §2).
    public static let topic = "control"

    /// What became of a record.
    public enum Effect: Sendable, Equatable {
        case applied
        /// Older than what is known: two processes drained the outbox at once.
        case stale
        /// Of a kind that this program does not know: a newer one wrote it.
        case unknown
        /// It could not be read; why.
        case malformed(String)
    }

    public private(set) var accounts: [String: AccountRecord] = [:]
    public private(set) var tokens: [String: TokenRecord] = [:]
    /// By limit id.
    public private(set) var quotas: [String: QuotaRecord] = [:]
    public private(set) var restrictions: [String: RestrictionRecord] = [:]

    public init() {}

    /// Applies the record of a key, the newest of which holds; a nil value is a tombstone.
    public mutating func apply(key: String, value: [UInt8]?) -> Effect {
        guard let value else { return remove(key) }
        do {
            switch try ControlRecord(key: key, value: value) {
            case .account(let account):
                if let known = accounts[account.id], known.version > account.version { return .stale }
                accounts[account.id] = account
            case .token(let token):
                if let known = tokens[token.id], known.version > token.version { return .stale }
                tokens[token.id] = token
            case .quota(let quota):
                if let known = quotas[quota.limitID], known.version > quota.version { return .stale }
                quotas[quota.limitID] = quota
            case .restriction(let restriction): restrictions[restriction.limitID] = restriction
            case nil: return .unknown
            }
            return .applied
        } catch {
            return .malformed("\(error)")
        }
    }

    private mutating func remove(_ key: String) -> Effect {
        let parts = key.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return .malformed("the key is not kind/id") }
        switch parts[0] {
        case "account": accounts[parts[1]] = nil
        case "token": tokens[parts[1]] = nil
        case "limit": quotas[parts[1]] = nil
        case "restriction": restrictions[parts[1]] = nil
        default: return .unknown
        }
        return .applied
    }
}
