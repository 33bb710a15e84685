public import Orders

/// A CRM or other program that an account is connected to.
public struct Connection: Sendable, Equatable {
    public var id: String
    public var account: String
    /// `hubspot` …
    public var kind: String
    public var url: String
    public var secret: ConnectionSecret
    public var isEnabled: Bool
    /// Only events younger than this go there.
    public var since: Timestamp
    /// What its kind asks for beyond these, by names of the kind's own: a CRM's pipeline and stages.
    public var options: [String: String]
    public init(
        id: String, account: String, kind: String, url: String, secret: ConnectionSecret, isEnabled: Bool = true,
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

/// What a connection's program wants to be shown; never logged.
public enum ConnectionSecret: Sendable, Equatable {
    case opened(String)
    /// None of the process's keys opens it; says why, and what to do.
    case sealed(why: String)
}

extension ConnectionSecret: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self = .opened(value) }
}

/// A secret is wanted that cannot be opened.
public struct SealedSecretError: Error, Sendable, CustomStringConvertible {
    /// Names the connection, and what to do.
    public let description: String
}

extension Connection {
    /// The secret, to be shown to the connection's program.
    public func openedSecret() throws(SealedSecretError) -> String {
        switch secret {
        case .opened(let text): return text
        case .sealed(let why): throw SealedSecretError(description: why)
        }
    }
}
