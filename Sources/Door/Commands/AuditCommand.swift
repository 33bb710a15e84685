import Assembly
import CommandLine
import Intake
import Kafka
import Ledger
import Orders

/// `audit`: checks the books (DESIGN §6) with the topics and the ledger; nothing may be unaccounted for.
enum AuditCommand {
    private static let timeout: Duration = .seconds(15)

    static let action = Action(
        Command(
            "audit",
            options: [
                Option("limit", "recounts the rate limit from its topic instead: admissions above the limit must be 0")
            ],
            "checks the books: that every record and every delivery is accounted for")
    ) { base, invocation in
        if invocation.isSet("limit") { try await LimitAuditCommand.run(base) } else { try await run(base) }
    }

    private static func run(_ base: Base) async throws {
        try await base.withLedger { ledger in
            let admin = try Admin(base.kafka)
            let unaccounted = try await partitions(ledger, admin) + destinations(ledger)
            await admin.close()
            print("unaccounted", unaccounted, separator: "\t")
            if unaccounted != 0 { throw Failure("the books do not balance: \(unaccounted) unaccounted for") }
        }
    }

    /// Per worker and partition: records since the base are planned, folded, skipped or lost, the rest up to the log's
    /// end is unread.
    private static func partitions(_ ledger: Ledger, _ admin: Admin) async throws -> Int64 {
        let cluster = try await admin.clusterID(timeout: timeout)
        var unaccounted: Int64 = 0
        print(
            "worker", "partition", "from", "next", "end", "planned", "folded", "skipped", "lost", "unread",
            separator: "\t")
        for worker in Processes.workers {
            for place in Topics.partitions(of: worker.topics) {
                let source = LogPartition(cluster: cluster, topic: place.topic, partition: place.partition)
                guard let position = try await ledger.position(of: worker.name, in: source) else { continue }
                let log = try await admin.offsets(of: place, timeout: timeout)
                let accounted = position.planned + position.folded + position.skipped + position.lost
                unaccounted += abs(position.next - position.base - accounted)
                let unread = log.upperBound - position.next
                if unread < 0 { unaccounted += -unread }
                print(
                    worker.name, place, position.base, position.next, log.upperBound, position.planned,
                    position.folded,
                    position.skipped, position.lost, unread, separator: "\t")
            }
        }
        return unaccounted
    }

    /// Per destination: every planned row is in some state, or was removed.
    private static func destinations(_ ledger: Ledger) async throws -> Int64 {
        var unaccounted: Int64 = 0
        print("worker", "destination", "planned", "removed", "rows", separator: "\t")
        for worker in Processes.workers {
            for book in try await ledger.books(of: worker.name) {
                unaccounted += abs(book.unaccounted)
                let rows = book.rows.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key)=\($0.value)" }
                    .joined(separator: " ")
                print(worker.name, book.destination, book.planned, book.removed, rows, separator: "\t")
            }
        }
        return unaccounted
    }
}
