import JSON
import Ledger
import Orders

/// An order's timeline: `data.entries[]`, oldest first (DESIGN §4).
enum TimelineJSON {
    static func write(_ entries: [TimelineEntry], of id: OrderID, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id.text)
            writer.key("entries")
            writer.array { writer in
                for entry in entries { describe(entry, &writer) }
            }
        }
    }

    private static func describe(_ entry: TimelineEntry, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("at", entry.at.iso8601)
            writer.member("kind", entry.kind.rawValue)
            writer.member("worker", entry.worker)
            writer.member("destination", entry.destination)
            if let attempt = entry.attempt {
                writer.key("attempt")
                writer.int64(Int64(attempt))
            }
            writer.member("outcome", entry.outcome)
            writer.key("detail")
            writer.object { writer in
                for (name, value) in entry.detail.sorted(by: { $0.key < $1.key }) {
                    writer.key(dynamic: name)
                    writer.string(value)
                }
            }
            if let took = entry.tookMilliseconds {
                writer.key("tookMs")
                writer.int64(took)
            }
        }
    }
}
