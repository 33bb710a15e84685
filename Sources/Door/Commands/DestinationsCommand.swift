import CommandLine
import Intake
import JSON
import Ledger
import Orders

/// `destinations`: how each receiver stands. Metrics have kinds of receivers only, since there are as many as shops.
enum DestinationsCommand {
    static let action = Action(
        Command(
            "destinations", options: [Option("json", "a JSON object a line")],
            "shows for each destination what waits, since when, and the last answer")
    ) { base, invocation in
        try await base.withLedger { ledger in
            if !invocation.isSet("json") { StandardOutput.write(DestinationsReport.heading) }
            for worker in Processes.workers {
                for status in try await ledger.destinations(of: worker.name) {
                    StandardOutput.write(
                        invocation.isSet("json") ? DestinationsReport.json(status) : DestinationsReport.line(status))
                }
            }
        }
    }
}

/// What `destinations` prints. Pure.
enum DestinationsReport {
    private static let states: [DeliveryState] = [.pending, .inFlight, .parked, .dead]

    static let heading =
        (["worker", "destination", "kind", "account", "state"] + states.map(\.rawValue)
        + ["oldest due", "answered", "outcome", "answer"]).joined(separator: "\t")

    static func line(_ status: DestinationStatus) -> String {
        var cells = [
            status.worker, status.destination.text, status.kind ?? "-", status.account ?? "-", status.state.rawValue,
        ]
        cells += states.map { "\(status.rows[$0] ?? 0)" }
        cells += [
            status.oldestDue?.iso8601 ?? "-", status.lastAnswer?.at.iso8601 ?? "-", status.lastAnswer?.outcome ?? "-",
            status.lastAnswer?.text ?? "-",
        ]
        return cells.map(OneLine.of).joined(separator: "\t")
    }

    static func json(_ status: DestinationStatus) -> String {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("worker", status.worker)
            writer.member("destination", status.destination.text)
            writer.member("kind", status.kind)
            writer.member("account", status.account)
            writer.member("state", status.state.rawValue)
            writer.key("rows")
            writer.object { writer in
                for state in states {
                    writer.key(dynamic: state.rawValue)
                    writer.int64(status.rows[state] ?? 0)
                }
            }
            writer.member("oldestDue", status.oldestDue?.iso8601)
            if let answer = status.lastAnswer {
                writer.key("lastAnswer")
                writer.object { writer in
                    writer.member("at", answer.at.iso8601)
                    writer.member("outcome", answer.outcome)
                    writer.member("text", answer.text)
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
