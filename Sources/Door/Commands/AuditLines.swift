import Books
import Ledger

/// What `audit` prints, in columns with tabs between. Pure.
enum AuditLines {
    static func lines(of report: AuditReport) -> [String] {
        var lines = [
            row(
                "worker", "partition", "from", "next", "end", "planned", "folded", "skipped", "lost", "unread",
                "looked up", "removed", "missing")
        ]
        lines += report.partitions.map(line)
        lines.append(row("worker", "destination", "planned", "removed", "rows"))
        lines += report.destinations.map(line)
        lines += report.partitions.compactMap(firstMissing)
        lines.append(row("unaccounted", "\(report.unaccounted)"))
        return lines
    }

    private static func line(of partition: AuditedPartition) -> String {
        let position = partition.position
        let counts = [
            position.base, position.next, partition.log.upperBound, position.planned, position.folded,
            position.skipped, position.lost, partition.unread,
        ]
        let records = partition.records
        let found = [records?.checked, records?.removed, records?.missing].map { $0.map { "\($0)" } ?? "-" }
        return row([partition.worker, "\(partition.place)"] + counts.map { "\($0)" } + found)
    }

    private static func line(of book: DestinationBook) -> String {
        let rows = book.rows.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key)=\($0.value)" }
        return row(
            book.worker, book.destination.text, "\(book.planned)", "\(book.removed)", rows.joined(separator: " "))
    }

    /// Where to look.
    private static func firstMissing(of partition: AuditedPartition) -> String? {
        guard let offset = partition.records?.firstMissing else { return nil }
        return row("the first that \(partition.worker) does not know", "\(partition.place)", "\(offset)")
    }

    private static func row(_ cells: String...) -> String { row(cells) }
    private static func row(_ cells: [String]) -> String { cells.joined(separator: "\t") }
}
