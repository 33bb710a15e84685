import Testing

@testable import Database

@Suite("PostgreSQL's texts") struct PostgreSQLTextTests {
    static let columns = [SQL.Column(name: "a", kind: .integer), SQL.Column(name: "b", kind: .blob)]

    @Test("rows come as an array a column, after the text's own values")
    func rows() throws {
        let text = PostgreSQLText(
            text: "INSERT INTO t SELECT $1, w.a FROM rows AS w WHERE w.b <> $2", columns: Self.columns)
        #expect(
            try text.rendered()
                == .init(
                    text:
                        "INSERT INTO t SELECT $1, w.a FROM unnest($3::bigint[], $4::bytea[]) AS w(a, b) WHERE w.b <> $2",
                    valueCount: 2, takesRows: true))
    }

    @Test("a text that must change rows counts them itself")
    func counted() throws {
        let text = PostgreSQLText(text: "UPDATE t SET a = $1", isCounted: true)
        #expect(
            try text.rendered().text == """
                WITH f AS (UPDATE t SET a = $1
                RETURNING 1) SELECT 1 / (CASE WHEN count(*) = $2 THEN 1 ELSE 0 END) FROM f
                """)
        let rows = PostgreSQLText(
            text: "DELETE FROM t USING rows AS v WHERE t.a = v.a", columns: Self.columns, isCounted: true)
        #expect(try rows.rendered().text.contains("count(*) = $3"))
    }

    @Test("what cannot be rendered is a fault of the statement's, and leaves nothing behind")
    func faults() throws {
        let prepared = Driven(PreparedStatements())
        var script = prepared { PipelineScript($0) }
        let rows = SQL("SELECT 1 FROM t", rows: ["a": .integer])
        for statement in [
            Statement(rows, rows: [[.integer(1)]]), Statement("UPDATE t SET a = 1 RETURNING a", mustChange: 1),
            Statement("SELECT $1"), Statement("SELECT 1", [.null]), Statement("SELECT $2", [.null]),
            Statement(SQL("SELECT a FROM rows AS v", rows: ["a": .integer]), rows: [[.integer(1)], [.text("b")]]),
        ] {
            do throws(DatabaseError) {
                try prepared { (prepared) throws(DatabaseError) in try script.addTransaction([statement], &prepared) }
                Issue.record("\(statement) was rendered")
            } catch { #expect(error.code == .statement && !error.message.contains("\"b\"")) }
            #expect(script.sends.isEmpty && script.jobs.isEmpty && script.writer.bytes.isEmpty)
        }
        // What was not sent is not taken for prepared.
        #expect(try prepared({ try $0.use(PipelineScript.begin) }).isNew)
    }

    @Test("a text is prepared once, under a name that is never used again, and the least used goes")
    func prepared() throws {
        let prepared = Driven(PreparedStatements())
        let one = PostgreSQLText(text: "SELECT 1")
        let first = try prepared({ try $0.use(one) })
        #expect(first.isNew && first.entry.name == "s1")
        #expect(try !prepared({ try $0.use(one) }).isNew)
        prepared { $0.failed("s1") }
        let second = try prepared({ try $0.use(one) })
        #expect(second.isNew && second.entry.name == "s2")
        for number in 2...PreparedStatements.maximum {
            _ = try prepared({ try $0.use(PostgreSQLText(text: "SELECT \(number)")) })
        }
        #expect(prepared.discarded.isEmpty && prepared.count == PreparedStatements.maximum)
        // Used again, so the oldest is another one.
        #expect(try !prepared({ try $0.use(one) }).isNew)
        _ = try prepared({ try $0.use(PostgreSQLText(text: "SELECT more")) })
        #expect(prepared.discarded == ["s3"] && prepared.count == PreparedStatements.maximum)
        #expect(try prepared({ try $0.use(PostgreSQLText(text: "SELECT 2")) }).isNew)
        prepared { $0.deallocated("s3") }
        #expect(prepared.discarded == ["s4"])
        prepared { $0.forgetAll() }
        let again = try prepared({ try $0.use(one) })
        #expect(again.isNew && prepared.discarded.isEmpty)
        #expect(again.entry.name != "s2")
    }

    @Test("behind a pooler nothing is prepared")
    func pooled() throws {
        let prepared = Driven(PreparedStatements(isPreparing: false))
        for _ in 0..<2 {
            let use = try prepared({ try $0.use(PostgreSQLText(text: "SELECT $1")) })
            #expect(!use.isNew && use.entry.name == nil && use.entry.rendered.valueCount == 1)
        }
    }
}
