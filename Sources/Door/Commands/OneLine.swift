/// Texts in tables: what somebody has typed, or a receiver has said, must not look like another line or column.
enum OneLine {
    static func of(_ text: String) -> String { String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 }) }
}
