/// How many requests a limit allows: one statement for all tokens that share it, with a version of its own.
///
/// A token's own version also counts changes such as a new label, so it says nothing about the limit.
public struct LimitSetting: Sendable, Equatable, Codable {
    /// 16 bytes, hexadecimal.
    public var limitID: String
    /// Requests in any 60 s.
    public var limit: Int
    /// Raised at each change, by the ledger; from 1.
    public var version: Int64 = 1
    public init(limitID: String, limit: Int) {
        self.limitID = limitID
        self.limit = limit
    }
}
