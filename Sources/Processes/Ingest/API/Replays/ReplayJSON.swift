import JSON
import Ledger
import Orders

/// A replay as answers show it.
enum ReplayJSON {
    static func write(_ replay: Replay, leftOut: [LeftOutRow] = [], _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", replay.id)
            writer.member("name", replay.name)
            writer.member("author", replay.author)
            writer.member("state", replay.state.rawValue)
            writer.member("madeAt", replay.madeAt.iso8601)
            writer.member("endedAt", replay.endedAt?.iso8601)
            writer.member("endedBy", replay.endedBy)
            writer.key("rate")
            writer.int64(Int64(replay.rate))
            writer.key("expected")
            write(replay.tally, &writer)
            writer.key("reached")
            counts(&writer) { replay.count($0) }
            writer.key("leftOut")
            write(leftOut, &writer)
        }
    }

    static func write(_ tally: ReplayTally, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("counts")
            counts(&writer) { Int64(tally.count($0)) }
            writer.key("lines")
            writer.array { writer in
                for (line, count) in tally.lines {
                    writer.object { writer in
                        writer.member("worker", line.worker)
                        writer.member("destination", line.destination.text)
                        writer.member("state", line.state.rawValue)
                        writer.member("reason", line.reason)
                        writer.member("fate", line.fate.rawValue)
                        writer.key("count")
                        writer.int64(Int64(count))
                    }
                }
            }
            writer.key("leftOut")
            write(tally.leftOut, &writer)
        }
    }

    private static func counts(_ writer: inout JSONWriter, _ count: (ReplayFate) -> Int64) {
        writer.object { writer in
            for fate in ReplayFate.allCases {
                writer.key(dynamic: fate.rawValue)
                writer.int64(count(fate))
            }
        }
    }

    private static func write(_ rows: [LeftOutRow], _ writer: inout JSONWriter) {
        writer.array { writer in
            for row in rows {
                writer.object { writer in
                    writer.member("order", row.order)
                    writer.member("event", row.event)
                    writer.member("worker", row.worker)
                    writer.member("destination", row.destination.text)
                    writer.member("state", row.state.rawValue)
                    writer.member("fate", row.fate.rawValue)
                }
            }
        }
    }
}
