/// A statement's text as SQLite takes it.
struct SQLiteText: Hashable, Sendable {
    /// Rows go in runs of so many, or of a smaller power of two: a handful of texts serve any number and stay prepared.
    static let rowsMaximum = 64

    let text: String
    let columns: [SQL.Column]
    /// How many rows it takes; 0 where it has no columns.
    let rowCount: Int

    init(_ text: String, columns: [SQL.Column] = [], rowCount: Int = 0) {
        self.text = text
        self.columns = columns
        self.rowCount = rowCount
    }

    /// How many rows each run takes.
    ///
    /// - Parameter maximum: of one run, a power of two.
    static func runs(of count: Int, atMost maximum: Int = rowsMaximum) -> [Int] {
        var runs = Array(repeating: maximum, count: count / maximum)
        var run = maximum / 2
        while run > 0 {
            if count & run != 0 { runs.append(run) }
            run /= 2
        }
        return runs
    }

    /// With the rows' values after the text's own, row by row, and without locking clauses.
    ///
    /// - Throws: ``DatabaseError/Code/statement`` where it has columns and takes no rows.
    func rendered() throws(DatabaseError) -> String {
        let unlocked = text.replacing(Self.lockingClause, with: "")
        guard !columns.isEmpty else { return unlocked }
        var number = StatementText.parameterCount(of: text)
        let rows = (0..<rowCount).map { _ in
            let values = columns.map { _ in
                number += 1
                return "$\(number)"
            }
            return "(\(values.joined(separator: ", ")))"
        }
        let names = columns.map(\.name).joined(separator: ", ")
        let source = "(WITH r(\(names)) AS (VALUES \(rows.joined(separator: ",\n"))) SELECT * FROM r) AS"
        guard let text = StatementText.replacingRows(in: unlocked, by: { "\(source) \($0)" }) else {
            throw DatabaseError(
                .statement, "takes rows, and has no `rows AS name`: \(DatabaseError.excerpt(text))", isRetriable: false)
        }
        return text
    }

    private static var lockingClause: Regex<Substring> {
        /\s+FOR\s+(?:NO\s+KEY\s+)?UPDATE(?:\s+OF\s+\w+)?(?:\s+(?:SKIP\s+LOCKED|NOWAIT))?/
    }
}
