import JSON
import Kafka
import Ledger
import Orders

/// An order's timeline: `data.entries[]`, oldest first (DESIGN §4).
enum TimelineJSON {
    /// - Parameter notRead: why the ledger will show no more; nil if it will, or if the caller must not know.
    static func write(
        _ entries: [TimelineEntry], of id: OrderID, notRead: String? = nil, _ writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("id", id.text)
            writer.key("entries")
            writer.array { writer in
                for entry in entries { describe(entry, &writer) }
            }
            writer.member("notRead", notRead)
        }
    }

    /// What the process that accepted the order knows about it, while the ledger does not show it.
    static func entries(of order: AcceptedOrder, _ id: OrderID) -> [TimelineEntry] {
        let creation = Promise(event: .created(id), at: order.createdAt)
        return [entry(creation, order.place)] + order.changes.map { entry($0.promise, $0.place) }
    }

    private static func entry(_ promise: Promise, _ place: Acknowledgement) -> TimelineEntry {
        TimelineEntry(
            at: promise.at, kind: .accepted,
            detail: [
                "event": promise.event.text, "type": promise.event.kind.type, "topic": Event.topic,
                "partition": String(place.partition), "offset": String(place.offset),
            ])
    }

    private static func describe(_ entry: TimelineEntry, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("at", entry.at.iso8601)
            writer.member("kind", entry.kind.rawValue)
            writer.member("worker", entry.worker)
            writer.member("destination", entry.destination?.text)
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
