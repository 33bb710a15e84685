public import Access
import RateLimit

/// What `ingest` knows of accounts, tokens and restrictions: topic `control`, applied record by record.
public struct ControlSnapshot: Sendable {
    /// The topic's name (DESIGN §2).
    public static let topic = "control"

    /// The effect of a record.
    public enum Effect: Sendable, Equatable {
        case applied
        /// Older than what is known: two processes drained the outbox at once.
        case stale
        /// Of a kind that this program does not know: a newer one wrote it.
        case unknown
        /// It could not be decoded, for this reason.
        case malformed(String)
    }

    /// By account id.
    public private(set) var accounts: [String: AccountRecord] = [:]
    /// By token id.
    public private(set) var tokens: [String: TokenRecord] = [:]
    /// By limit id.
    public private(set) var limits: [String: LimitSetting] = [:]
    /// By limit id.
    public private(set) var restrictions: [String: RestrictionRecord] = [:]
    /// By token id.
    private var limitIDs: [String: LimitID] = [:]
    /// Callers built for requests since the latest record, by token id.
    private var callers: [String: Caller] = [:]

    public init() {}

    /// The caller with the token of this id; nil if topic `control` has no such token, or not its account.
    public mutating func caller(_ tokenID: String) -> Caller? {
        if let caller = callers[tokenID] { return caller }
        guard let token = tokens[tokenID], let id = limitIDs[tokenID], let account = accounts[token.account] else {
            return nil
        }
        let restriction = restrictions[token.limitID].map { Restriction(level: $0.level, until: $0.until) }
        let terms = LimitTerms(
            id: id, configured: VersionedLimit(of: token, limits[token.limitID]), restriction: restriction)
        let caller = Caller(account: account, token: token, limit: terms)
        callers[tokenID] = caller
        return caller
    }

    /// Applies a record; of several with one key the newest version holds. A nil value is a tombstone.
    public mutating func apply(key: String, value: [UInt8]?) -> Effect {
        // Records are few compared with requests: whatever changed, callers are rebuilt when they next call.
        callers.removeAll()
        guard let value else { return remove(key) }
        do {
            switch try ControlRecord(key: key, value: value) {
            case .account(let account):
                if let known = accounts[account.id], known.version > account.version { return .stale }
                accounts[account.id] = account
            case .token(let token):
                if let known = tokens[token.id], known.version > token.version { return .stale }
                guard let limitID = LimitID(hexadecimal: token.limitID) else {
                    return .malformed(
                        "the token's limit id \"\(token.limitID.prefix(40))\" is not 32 hexadecimal digits")
                }
                tokens[token.id] = token
                limitIDs[token.id] = limitID
            case .limit(let limit):
                if let known = limits[limit.limitID], known.version > limit.version { return .stale }
                limits[limit.limitID] = limit
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
        case "token":
            tokens[parts[1]] = nil
            limitIDs[parts[1]] = nil
        case "limit": limits[parts[1]] = nil
        case "restriction": restrictions[parts[1]] = nil
        default: return .unknown
        }
        return .applied
    }
}
