import Ledger
import Orders

/// What the commands of replays print, in columns with tabs between. Pure.
enum ReplayReport {
    /// Counts by what rows are and what becomes of them, their sums, and the first that are left out.
    static func lines(of tally: ReplayTally) -> [String] {
        var lines = tally.lines.map { line, count in
            row(
                String(count), line.fate.word, line.worker, line.destination.text, line.state.rawValue,
                line.reason.isEmpty ? "-" : line.reason)
        }
        lines += ReplayFate.allCases.map { row("in all", $0.word, String(tally.count($0))) }
        return lines + tally.leftOut.map(line)
    }

    static func lines(of replay: Replay) -> [String] {
        var lines = [
            row("replay", replay.id), row("name", replay.name), row("author", replay.author),
            row("made at", replay.madeAt.iso8601), row("state", replay.state.rawValue),
            row("rate", String(replay.rate)),
        ]
        if let at = replay.endedAt { lines.append(row("ended at", at.iso8601)) }
        if let by = replay.endedBy { lines.append(row("ended by", by)) }
        lines += replay.tally.lines.map { line, count in
            row(
                "expected", String(count), line.fate.word, line.worker, line.destination.text, line.state.rawValue,
                line.reason.isEmpty ? "-" : line.reason)
        }
        for part in replay.parts {
            let fates = ReplayFate.allCases.map { "\($0.word)=\(part.fates[$0] ?? 0)" }
            lines.append(
                row(
                    "part", part.worker, part.destination.text, part.isOpen ? "open" : "ended",
                    fates.joined(separator: " ")))
        }
        return lines
    }

    static func progress(of replay: Replay) -> String {
        let counts = ReplayFate.allCases.filter { $0 != .replayed && replay.count($0) > 0 }
            .map { row($0.word, String(replay.count($0))) }
        return row(
            [replay.state.rawValue, "\(replay.count(.replayed)) of \(replay.tally.count(.replayed))"] + counts)
    }

    /// A row that is left out, by its order and event.
    static func line(of row: LeftOutRow) -> String {
        self.row(
            "left out", row.fate.word, row.worker, row.destination.text, row.state.rawValue, "order \(row.order)",
            "event \(row.event)")
    }

    private static func row(_ cells: String...) -> String { row(cells) }
    private static func row(_ cells: [String]) -> String { cells.joined(separator: "\t") }
}

extension ReplayFate {
    /// As the commands name it.
    var word: String {
        switch self {
        case .replayed: "replayed"
        case .superseded: "superseded"
        case .inDoubt: "needs --again"
        case .withoutEvent: "without event"
        }
    }
}
