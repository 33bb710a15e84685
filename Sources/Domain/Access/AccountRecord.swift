/// An account, as far as `ingest` needs it to serve requests.
public struct AccountRecord: Sendable, Equatable {
    public var id: String
    public var name: String
    /// `uk`, `en` or `ru`.
    public var locale = "uk"
    /// ISO 3166, for phone numbers without a prefix.
    public var country = "UA"
    /// IANA name.
    public var timeZone = "Europe/Kyiv"
    /// ISO 4217: the currency of an order that names no other.
    public var currency = "UAH"
    /// Whether the plan has API access; else 403 `PLAN_WITHOUT_API`.
    public var apiAccess = true
    /// Whether keyless equal orders within 60 s are folded.
    public var foldsKeyless = true
    /// Raised by the ledger with each change; from 1.
    public var version: Int64 = 1
    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

extension AccountRecord: Codable {
    /// A member that an older program did not write has its default.
    ///
    /// - Throws: `DecodingError` if `id` or `name` is missing, or a member has another type.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try members.decode(String.self, forKey: .id), name: try members.decode(String.self, forKey: .name))
        locale = try members.decodeIfPresent(String.self, forKey: .locale) ?? locale
        country = try members.decodeIfPresent(String.self, forKey: .country) ?? country
        timeZone = try members.decodeIfPresent(String.self, forKey: .timeZone) ?? timeZone
        currency = try members.decodeIfPresent(String.self, forKey: .currency) ?? currency
        apiAccess = try members.decodeIfPresent(Bool.self, forKey: .apiAccess) ?? apiAccess
        foldsKeyless = try members.decodeIfPresent(Bool.self, forKey: .foldsKeyless) ?? foldsKeyless
        version = try members.decodeIfPresent(Int64.self, forKey: .version) ?? version
    }
}
