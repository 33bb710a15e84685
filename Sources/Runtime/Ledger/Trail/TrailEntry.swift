public import Orders

/// What was changed, by whom, and when: a row of the audit trail.
public struct TrailEntry: Sendable, Equatable {
    public let id: Int64
    /// By the ledger's time.
    public let at: Timestamp
    public let author: String
    /// A ``TrailAction``, or one of a later version.
    public let action: String
    /// What it was done to: an id, or a name.
    public let subject: String
    /// nil: it is not one account's.
    public let account: String?
    /// What has changed, as it was before and after; without secrets and without a person's data.
    public let before, after: [String: String]

    package init(
        id: Int64, at: Timestamp, author: String, action: String, subject: String, account: String?,
        before: [String: String], after: [String: String]
    ) {
        self.id = id
        self.at = at
        self.author = author
        self.action = action
        self.subject = subject
        self.account = account
        self.before = before
        self.after = after
    }
}

/// What may be done.
public enum TrailAction: String, Sendable, CaseIterable {
    case accountCreated = "account.create"
    case accountSet = "account.set"
    case tokenCreated = "token.create"
    case tokenSet = "token.set"
    case tokenRevoked = "token.revoke"
    case limitSet = "limit.set"
    /// Noted before it is sent to topic `control`.
    case restrictionLifted = "ratelimit.lift"
    case connectionCreated = "connection.create"
    case connectionSet = "connection.set"
    case secretsRotated = "secrets.rotate"
    case replayMade = "replay.make"
    case replaySet = "replay.set"
    case replayAborted = "replay.abort"
    case retentionSet = "retention.set"
    /// Noted before anything is removed.
    case pruneBegun = "prune.begin"
    case pruneEnded = "prune.end"
    /// Noted before anything is changed.
    case reintakeBegun = "reintake.begin"
    case reintakeEnded = "reintake.end"
    case lossAccepted = "reintake.lost"
    case rebuildApplied = "rebuild.apply"
}

/// Which entries are wanted: each bound narrows it.
public struct TrailFilter: Sendable {
    /// At this time or later, and before.
    public var from, to: Timestamp?
    public var author: String?
    /// What the action begins with: `token`, `token.revoke`.
    public var action: String?
    public var subject: String?
    public var account: String?

    public init() {}
}

/// An entry that is to be written.
struct TrailNote {
    var action: TrailAction
    var subject: String
    var account: String?
    var before: [String: String]
    var after: [String: String]

    init(_ action: TrailAction, _ subject: String, account: String? = nil, to after: [String: String] = [:]) {
        self.action = action
        self.subject = subject
        self.account = account
        before = [:]
        self.after = after
    }

    /// What differs of two states. A member that one of them lacks is absent there.
    init(
        _ action: TrailAction, _ subject: String, account: String? = nil, from before: [String: String],
        to after: [String: String]
    ) {
        self.init(action, subject, account: account, to: after.filter { before[$0.key] != $0.value })
        self.before = before.filter { after[$0.key] != $0.value }
    }
}
