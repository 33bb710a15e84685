import CommandLine
import Ledger
import Synchronization

/// `retention show`, `retention set`, `prune`: how long the ledger keeps what it has done with.
enum RetentionCommand {
    static let actions = [
        Action(Command("retention show", "shows how long the ledger keeps deliveries, events and orders")) { base, _ in
            try await base.withLedger { show(try await $0.retention()) }
        },
        Action(
            changing: Command(
                "retention set",
                options: [
                    Option("days", value: "DAYS", "deliveries, attempts and events: \(range)"),
                    Option(
                        "orders-days", value: "DAYS",
                        "orders that have not changed since, and buyers of sales; at least as long; forever: they stay"),
                    Option("audit-days", value: "DAYS", "the audit trail: \(range), or forever"),
                ], "sets how long, for all processes"),
            run: set),
        Action(
            changing: Command("prune", "removes now what is older than the retention, as the workers do by themselves"),
            run: prune),
    ]

    private static let range = "\(Retention.daysRange.lowerBound) to \(Retention.daysRange.upperBound)"
    private static let forever = "forever"

    private static func set(_ base: Base, _ invocation: Invocation) async throws {
        guard ["days", "orders-days", "audit-days"].contains(where: invocation.isSet) else {
            throw WrongUse("retention set: nothing to change: give --days, --orders-days or --audit-days")
        }
        try await base.withLedger { ledger in
            let present = try await ledger.retention()
            let days = try invocation.value("days").map { try number($0, of: "days") } ?? present.days
            let ordersDays = try boundedDays("orders-days", invocation, present: present.ordersDays)
            let auditDays = try boundedDays("audit-days", invocation, present: present.auditDays)
            guard let retention = Retention(days: days, ordersDays: ordersDays, auditDays: auditDays) else {
                throw WrongUse(
                    "retention set: orders would be kept for \(ordersDays ?? 0) days and their events for \(days); --orders-days must be at least as many, or forever"
                )
            }
            try await ledger.setRetention(retention, by: invocation.author())
            show(retention)
        }
    }

    /// nil: for ever.
    private static func boundedDays(_ option: String, _ invocation: Invocation, present: Int?) throws -> Int? {
        guard let text = invocation.value(option) else { return present }
        return text == forever ? nil : try number(text, of: option)
    }

    private static func number(_ text: String, of option: String) throws -> Int {
        guard let days = Int(text), Retention.daysRange.contains(days) else {
            throw WrongUse("--\(option) is \"\(text)\"; expected a number of days from \(range)")
        }
        return days
    }

    private static func show(_ retention: Retention) {
        print("deliveries and events", "\(retention.days) days", separator: "\t")
        print("orders and buyers", retention.ordersDays.map { "\($0) days" } ?? forever, separator: "\t")
        print("audit trail", retention.auditDays.map { "\($0) days" } ?? forever, separator: "\t")
    }

    private static func prune(_ base: Base, _ invocation: Invocation) async throws {
        let author = try invocation.author()
        try await base.withLedger { ledger in
            let line = Mutex(ProgressLine("prune", unit: "deliveries and events", log: base.log))
            defer { line.withLock { $0.end() } }
            let report = try await ledger.prune(
                owner: base.processID, by: author,
                progress: { done, total in line.withLock { $0.tell(done, of: total) } },
                pause: { pause in (try? await Task.sleep(for: pause)) != nil })
            line.withLock { $0.end() }
            guard let report else {
                throw NotReady("another process prunes this ledger now: try again when it has ended")
            }
            for (table, count) in report.removed.sorted(by: { $0.key < $1.key }) {
                print(table, count, separator: "\t")
            }
            if report.isCutShort { throw NotReady("another process has taken over: what is left is up to that one") }
            if report.waitsForDeadLetters {
                throw Failure(
                    "dead rows older than the retention stay, since they are not on topic dead-letters yet: start the workers whose rows they are, which copy them"
                )
            }
        }
    }
}
