import Testing

@testable import Database

@Suite("Statements' texts") struct StatementTextTests {
    @Test(
        "the values that a text names are counted, outside of quotes",
        arguments: [
            ("SELECT 1", 0), ("SELECT $1, $3 FROM t WHERE a=$2", 3), ("SELECT $12::text", 12), ("'$9' \"$8\" $1", 1),
            ("'it''s $9' || $2", 2), ("$", 0), ("SELECT $99999999999999999999", 999_999),
        ])
    func parameterCount(text: String, count: Int) {
        #expect(StatementText.parameterCount(of: text) == count)
    }

    @Test("runs are as few powers of two as hold all rows", arguments: 0...300)
    func runs(count: Int) {
        let runs = SQLiteText.runs(of: count)
        #expect(runs.reduce(0, +) == count && runs == runs.sorted(by: >))
        #expect(runs.allSatisfy { $0.nonzeroBitCount == 1 && $0 <= SQLiteText.rowsMaximum })
        #expect(runs.count <= count / SQLiteText.rowsMaximum + 6)
    }

    @Test("SQLite is given rows as values, numbered after the text's own, and no locks")
    func sqlite() throws {
        let columns = [SQL.Column(name: "a", kind: .integer), SQL.Column(name: "b", kind: .text)]
        let text = "SELECT v.a FROM rows AS v WHERE b = $1 FOR NO KEY UPDATE OF v SKIP LOCKED"
        let rendered = try SQLiteText(text, columns: columns, rowCount: 2).rendered()
        #expect(
            rendered == """
                SELECT v.a FROM (WITH r(a, b) AS (VALUES ($2, $3),
                ($4, $5)) SELECT * FROM r) AS v WHERE b = $1
                """)
        #expect(throws: DatabaseError.self) { try SQLiteText("SELECT 1", columns: columns, rowCount: 1).rendered() }
    }
}
