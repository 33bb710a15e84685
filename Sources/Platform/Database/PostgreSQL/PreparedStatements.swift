/// What one connection has prepared, by its text. Pure: the caller sends what this says.
struct PreparedStatements {
    /// Beyond, the one unused for longest goes.
    static let maximum = 300

    struct Entry {
        let rendered: PostgreSQLText.Rendered
        /// What it is called at the server; nil: it is not prepared there.
        fileprivate(set) var name: String?
        fileprivate var lastUse: Int
    }

    /// false behind a pooler, which may give each transaction another server connection.
    private let isPreparing: Bool
    private var entries: [PostgreSQLText: Entry] = [:]
    private var texts: [String: PostgreSQLText] = [:]
    private var uses = 0
    private var names = 0
    /// Names that the server may still know, and that nobody uses any more.
    private(set) var discarded: [String] = []

    init(isPreparing: Bool = true) { self.isPreparing = isPreparing }

    var count: Int { entries.count }

    /// The text's entry, and whether it must be prepared under its name first.
    mutating func use(_ text: PostgreSQLText) throws(DatabaseError) -> (entry: Entry, isNew: Bool) {
        uses += 1
        if var entry = entries[text] {
            let isNew = isPreparing && entry.name == nil
            if isNew { entry.name = newName(for: text) }
            entry.lastUse = uses
            entries[text] = entry
            return (entry, isNew)
        }
        if entries.count >= Self.maximum, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            if let name = oldest.value.name {
                texts[name] = nil
                discarded.append(name)
            }
            entries[oldest.key] = nil
        }
        let entry = Entry(
            rendered: try text.rendered(), name: isPreparing ? newName(for: text) : nil, lastUse: uses)
        entries[text] = entry
        return (entry, isPreparing)
    }

    private mutating func newName(for text: PostgreSQLText) -> String {
        names += 1
        let name = "s\(names)"
        texts[name] = text
        return name
    }

    /// It was not sent, or the server did not come to prepare it.
    mutating func failed(_ name: String) {
        guard let text = texts.removeValue(forKey: name) else { return }
        entries[text]?.name = nil
    }

    /// Notes what came of a pipeline.
    mutating func note(_ pipeline: borrowing Pipeline) {
        for name in pipeline.unprepared { failed(name) }
        for name in pipeline.deallocated { deallocated(name) }
    }

    /// The server has let go of this one.
    mutating func deallocated(_ name: String) { discarded.removeAll { $0 == name } }

    /// Nothing counts as prepared any more; names are not used again.
    mutating func forgetAll() {
        for text in entries.keys { entries[text]!.name = nil }
        texts.removeAll()
        discarded.removeAll()
    }
}
