import Assembly
import JSON

/// What `doctor` prints. Pure.
enum FindingLines {
    /// A line, and a second one with what to do.
    static func text(_ finding: Finding) -> String {
        let line = "\(finding.grade.rawValue)\t\(finding.subject)\t\(finding.text)"
        return finding.remedy.map { "\(line)\n\t\t→ \($0)" } ?? line
    }

    static func json(_ finding: Finding) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("grade", finding.grade.rawValue)
            writer.member("subject", finding.subject)
            writer.member("text", finding.text)
            if let remedy = finding.remedy { writer.member("remedy", remedy) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
