/// One line of the log, as text.
struct LogLine {
    /// With the line feed no more than PIPE_BUF: a write to a pipe then is all or nothing (pipe(7)).
    static let bytesMaximum = 4_095

    let text: String

    init(milliseconds: Int64, level: Log.Level, process: String, _ message: String, _ fields: [String: String]) {
        var line =
            "{\"time\":\"\(WallClock.iso8601(milliseconds))\",\"level\":\"\(level.rawValue)\",\"process\":"
        Self.append(process, atMost: 64, to: &line)
        line += ",\"message\":"
        Self.append(message, atMost: 1_500, to: &line)
        var rest = Self.bytesMaximum - line.utf8.count - 32
        var members: [String] = []
        var omitted = 0
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            var member = ""
            Self.append(name, atMost: 64, to: &member)
            member += ":"
            Self.append(value, atMost: 1_000, to: &member)
            if member.utf8.count + 1 <= rest {
                rest -= member.utf8.count + 1
                members.append(member)
            } else {
                omitted += 1
            }
        }
        if !members.isEmpty { line += ",\"fields\":{\(members.joined(separator: ","))}" }
        if omitted > 0 { line += ",\"omitted\":\(omitted)" }
        text = line + "}"
    }

    /// Appends a JSON string whose inside has at most `bytes` bytes; what is left out is shown as `…`.
    private static func append(_ value: String, atMost bytes: Int, to line: inout String) {
        line += "\""
        // Nearly all texts need no care, and are taken as they are.
        if value.utf8.count <= bytes, value.utf8.allSatisfy(isPlain) {
            line += value
            line += "\""
            return
        }
        var room = bytes
        for scalar in value.unicodeScalars {
            let piece = escaped(scalar)
            let size = piece.utf8.count
            if size > room {
                line += "…"
                break
            }
            room -= size
            line += piece
        }
        line += "\""
    }

    /// ASCII that JSON strings hold unescaped.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{0}"..<"\u{20}", "\u{7F}", "\u{2028}", "\u{2029}":
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: return String(Character(scalar))
        }
    }
}
