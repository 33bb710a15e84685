import Access
import CommandLine
import JSON
import Ledger
import Orders

/// `audit-trail`: who changed what, and when.
enum AuditTrailCommand {
    static let action = Action(
        Command("audit-trail", options: options, "shows who changed the configuration or made replays, oldest first")
    ) { base, invocation in
        var filter = try filter(invocation, now: Timestamp(milliseconds: base.now()))
        let limit = try invocation.number("limit", in: 1...1_000_000)
        try await base.withLedger { ledger in
            if let name = invocation.value("account") {
                // One that is gone from the ledger is still on the trail.
                filter.account = try await ledger.accounts().first { $0.name == name }?.id ?? name
            }
            var count = 0
            try await ledger.trail(filter) { entry in
                StandardOutput.write(invocation.isSet("json") ? TrailReport.json(entry) : TrailReport.line(entry))
                count += 1
                return count < limit ?? .max
            }
        }
    }

    private static let options = [
        Option("from", value: "TIME", "at this time or later: ISO 8601 (UTC), or as 90m, 12h or 3d ago"),
        Option("to", value: "TIME", "before this time"),
        Option("by", value: "TEXT", "of this author"),
        Option("action", value: "NAME", "of actions that begin so: token, or token.revoke"),
        Option("subject", value: "ID", "of this token, connection, replay …"),
        .ofAccount,
        Option("limit", value: "N", "the first N (default: all)"),
        Option("json", "a JSON object a line"),
    ]

    private static func filter(_ invocation: Invocation, now: Timestamp) throws -> TrailFilter {
        var filter = TrailFilter()
        (filter.from, filter.to) = try invocation.times(now: now)
        filter.author = invocation.value("by")
        filter.action = invocation.value("action")
        filter.subject = invocation.value("subject")
        return filter
    }
}

/// What `audit-trail` prints. Pure.
enum TrailReport {
    /// Columns with tabs between: time, author, action, subject, account, and what has changed.
    static func line(_ entry: TrailEntry) -> String {
        let changes = Set(entry.before.keys).union(entry.after.keys).sorted().map { name in
            let after = entry.after[name] ?? "-"
            return entry.before[name].map { "\(name): \($0) -> \(after)" } ?? "\(name): \(after)"
        }
        return [
            entry.at.iso8601, entry.author, entry.action, entry.subject, entry.account ?? "-",
            changes.joined(separator: "; "),
        ].map(OneLine.of).joined(separator: "\t")
    }

    static func json(_ entry: TrailEntry) -> String {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.key("id")
            writer.int64(entry.id)
            writer.member("at", entry.at.iso8601)
            writer.member("author", entry.author)
            writer.member("action", entry.action)
            writer.member("subject", entry.subject)
            writer.member("account", entry.account)
            for (name, members) in [("before", entry.before), ("after", entry.after)] {
                writer.key(dynamic: name)
                writer.object { writer in
                    for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                        writer.key(dynamic: key)
                        writer.string(value)
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
