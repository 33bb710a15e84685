/// What is read in a statement that no transaction may hold: what it makes, so that it can be looked for.
enum LoneStatement: Equatable {
    case createIndex(name: String)
    case detach(partition: String, of: String)
    /// It does nothing the second time by itself.
    case other

    /// - Throws: ``DatabaseError/Code/statement`` for what looks like one of the first two and cannot be read.
    init(_ text: String) throws(DatabaseError) {
        let text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if text.contains(/(?i)^CREATE (?:UNIQUE )?INDEX CONCURRENTLY\b/) {
            guard
                let match = text.wholeMatch(
                    of: /(?i)CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:IF NOT EXISTS )?(?-i:([a-z_][a-z0-9_]*)) ON .+/)
            else { throw Self.unreadable(text) }
            self = .createIndex(name: String(match.1))
        } else if text.contains(/(?i)\bDETACH PARTITION\b.*\bCONCURRENTLY\b/) {
            guard
                let match = text.wholeMatch(
                    of:
                        /(?i)ALTER TABLE (?-i:([a-z_][a-z0-9_]*)) DETACH PARTITION (?-i:([a-z_][a-z0-9_]*)) CONCURRENTLY;?/
                )
            else { throw Self.unreadable(text) }
            self = .detach(partition: String(match.2), of: String(match.1))
        } else {
            self = .other
        }
    }

    private static func unreadable(_ text: String) -> DatabaseError {
        DatabaseError(
            .statement,
            "a migration that is alone names indexes, tables and partitions in small letters, without quotes and schema: "
                + DatabaseError.excerpt(text), isRetriable: false)
    }

    /// How far it has come: a row `done` or `half`, or none.
    var state: Statement? {
        switch self {
        case .createIndex(let name):
            Statement(
                """
                SELECT CASE WHEN i.indisvalid THEN 'done' ELSE 'half' END FROM pg_index AS i
                WHERE i.indexrelid = to_regclass($1)
                """, [.text(name)])
        case .detach(let partition, let table):
            Statement(
                """
                SELECT CASE WHEN count(i.inhrelid) = 0 THEN 'done' ELSE 'half' END
                FROM (SELECT 1) AS one LEFT JOIN pg_inherits AS i
                  ON i.inhrelid = to_regclass($1) AND i.inhparent = to_regclass($2)
                HAVING count(i.inhrelid) = 0 OR bool_or(i.inhdetachpending)
                """, [.text(partition), .text(table)])
        case .other: nil
        }
    }

    /// What is run where it is half done, and whether it is done then.
    var repair: (statement: Statement, isDone: Bool)? {
        switch self {
        case .createIndex(let name): (Statement("DROP INDEX CONCURRENTLY IF EXISTS \(name)"), false)
        case .detach(let partition, let table):
            (Statement("ALTER TABLE \(table) DETACH PARTITION \(partition) FINALIZE"), true)
        case .other: nil
        }
    }
}
