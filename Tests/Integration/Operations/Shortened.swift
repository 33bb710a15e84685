import Foundation

/// The files of deploy/prometheus and deploy/alertmanager as if time ran faster: what takes minutes there takes seconds in a test.
///
/// They are rewritten as text, so that there is one set of rules. Latencies, shares and counts stay as they are: PostgreSQL does not
/// answer faster because somebody watches it for a shorter time.
enum Shortened {
    /// The rules: how long an expression must hold (`for:`), the ranges that it looks at (`[5m]`), and the ages that it compares with,
    /// which are those thresholds of a minute and more that a metric in seconds is compared with.
    static func rules(_ text: String, by factor: Int) -> String {
        text.replacing(/(?m)^( +for: )([0-9]+)([smhd])$/) { "\($0.1)\(duration($0.2, $0.3, by: factor))" }
            .replacing(/\[([0-9]+)([smhd])\]/) { "[\(duration($0.1, $0.2, by: factor))]" }
            .replacing(/(_seconds\)* [<>] )([0-9]+)(?![0-9.])/) { match in
                let seconds = Double(match.2)!
                return seconds < 60 ? String(match.0) : "\(match.1)\(seconds / Double(factor))"
            }
    }

    /// Alertmanager's waits and intervals.
    static func routes(_ text: String, by factor: Int) -> String {
        text.replacing(/((?:group_wait|group_interval|repeat_interval): )([0-9]+)([smhd])/) {
            "\($0.1)\(duration($0.2, $0.3, by: factor))"
        }
    }

    private static func duration(_ count: Substring, _ unit: Substring, by factor: Int) -> String {
        let seconds = ["s": 1, "m": 60, "h": 3_600, "d": 86_400][unit]!
        return "\(Int(count)! * seconds * 1_000 / factor)ms"
    }
}
