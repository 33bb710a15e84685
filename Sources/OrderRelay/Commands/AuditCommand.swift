import Kafka
import Ledger
import Orders

/// `audit`: closes the books (DESIGN §6) from the topics and the ledger; what is unaccounted must be 0.
enum AuditCommand {
    private static let workers = ["confirmations", "analytics", "crm"]
    private static let timeout: Duration = .seconds(15)

    static func run(_ base: Base) async throws {
        try await base.withLedger { ledger in
            let admin = try Admin(base.kafka)
            let unaccounted = try await partitions(ledger, admin) + destinations(ledger)
            await admin.close()
            print("unaccounted", unaccounted, separator: "\t")
            if unaccounted != 0 { throw Failure("the books do not close: \(unaccounted) unaccounted") }
        }
    }

    /// Per worker and partition: records since the base are planned, folded, skipped or lost, the rest up to the log's end is unread.
    private static func partitions(_ ledger: Ledger, _ admin: Admin) async throws -> Int64 {
        let cluster = try await admin.clusterID(timeout: timeout)
        var unaccounted: Int64 = 0
        print(
            "worker", "partition", "from", "next", "end", "planned", "folded", "skipped", "lost", "unread",
            separator: "\t")
        for worker in workers {
            for partition in 0..<12 as Range<Int32> {
                let source = LogPartition(cluster: cluster, topic: Event.topic, partition: partition)
                guard let position = try await ledger.position(of: worker, in: source) else { continue }
                let log = try await admin.offsets(
                    of: TopicPartition(topic: Event.topic, partition: partition), timeout: timeout)
                let accounted = position.planned + position.folded + position.skipped + position.lost
                unaccounted += abs(position.next - position.base - accounted)
                let unread = log.upperBound - position.next
                if unread < 0 { unaccounted += -unread }
                print(
                    worker, "orders/\(partition)", position.base, position.next, log.upperBound, position.planned,
                    position.folded,
                    position.skipped, position.lost, unread, separator: "\t")
            }
        }
        return unaccounted
    }

    /// Per destination: what was planned is in some state, or was removed.
    private static func destinations(_ ledger: Ledger) async throws -> Int64 {
        var unaccounted: Int64 = 0
        print("worker", "destination", "planned", "removed", "rows", separator: "\t")
        for worker in workers {
            for book in try await ledger.books(of: worker) {
                unaccounted += abs(book.unaccounted)
                let rows = book.rows.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
                print(worker, book.destination, book.planned, book.removed, rows, separator: "\t")
            }
        }
        return unaccounted
    }
}
