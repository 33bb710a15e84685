public import Orders

/// A CRM or other program that an account is connected to.
public struct Connection: Sendable, Equatable {
    public var id: String
    public var account: String
    /// `hubspot` …
    public var kind: String
    public var url: String
    /// Opened; never logged.
    public var secret: String
    public var isEnabled: Bool
    /// Only events younger than this go there.
    public var since: Timestamp
    /// What its kind asks for beyond these, by names of the kind's own: a CRM's pipeline and stages.
    public var options: [String: String]
    public init(
        id: String, account: String, kind: String, url: String, secret: String, isEnabled: Bool = true,
        since: Timestamp, options: [String: String] = [:]
    ) {
        self.id = id
        self.account = account
        self.kind = kind
        self.url = url
        self.secret = secret
        self.isEnabled = isEnabled
        self.since = since
        self.options = options
    }
}
