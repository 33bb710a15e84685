import Testing

@testable import Database

@Suite("Statements of migrations that are alone") struct LoneStatementTests {
    @Test(
        "what a statement makes is read in it",
        arguments: [
            ("CREATE INDEX CONCURRENTLY t_a ON t (a)", LoneStatement.createIndex(name: "t_a")),
            ("create unique index\n  concurrently if not exists t_a on t (a)", .createIndex(name: "t_a")),
            (
                "ALTER TABLE events DETACH PARTITION events_2026 CONCURRENTLY",
                .detach(partition: "events_2026", of: "events")
            ),
            ("DROP INDEX CONCURRENTLY IF EXISTS t_a", .other), ("VACUUM t", .other),
        ])
    func read(text: String, statement: LoneStatement) throws {
        #expect(try LoneStatement(text) == statement)
    }

    @Test(
        "what could not be looked for is refused",
        arguments: [
            "CREATE INDEX CONCURRENTLY ON t (a)", "CREATE INDEX CONCURRENTLY \"A\" ON t (a)",
            "CREATE INDEX CONCURRENTLY T_A ON t (a)", "ALTER TABLE s.t DETACH PARTITION p CONCURRENTLY",
        ])
    func unreadable(text: String) {
        let error = #expect(throws: DatabaseError.self) { try LoneStatement(text) }
        #expect(error?.code == .statement)
    }
}
