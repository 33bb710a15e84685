import Database
import Foundation
import Testing

@testable import Ledger

/// The ledger's statements have one text for both databases: PostgreSQL must take what SQLite runs.
@Suite("The ledger's statements") struct LedgerStatementsTests {
    static let program = "/usr/lib/postgresql/15/bin"

    @Test("PostgreSQL understands every one of them")
    func understood() throws {
        guard FileManager.default.isExecutableFile(atPath: "\(Self.program)/initdb") else {
            print("skipped: PostgreSQL 15 is not installed (Debian package postgresql-15)")
            return
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "orderrelay-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder)
        _ = try run(["initdb", "-D", "\(folder)/data", "-A", "trust", "--no-sync"], input: "")
        // The last one is wrong, and so shows that all were read and that errors are seen.
        let script = (Self.schema + Self.statements + ["SELECT nonsense"]).map { "\($0);\n\n" }.joined()
        // A server for one user, without a port: it ends with its input.
        let output = try run(["postgres", "--single", "-j", "-D", "\(folder)/data", "postgres"], input: script)
        let errors = output.split(separator: "\n").filter { $0.contains("ERROR") }
        #expect(errors.count == 1 && errors[0].contains("nonsense"), "\(errors.joined(separator: "\n"))")
    }

    /// PostgreSQL's own text of the tables will differ in these places only.
    static let schema =
        [
            "CREATE DOMAIN blob AS bytea",
            """
            CREATE FUNCTION now_ms() RETURNS bigint STABLE LANGUAGE sql
              AS 'SELECT (extract(epoch FROM statement_timestamp()) * 1000)::bigint'
            """,
        ]
        + SQLiteSchema.migrations.flatMap(\.statements).map { text in
            text.replacing("INTEGER PRIMARY KEY AUTOINCREMENT", with: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
                .replacing("WITHOUT ROWID", with: "")
        }

    static let statements = (plain + manyRows.map { $0.texts[2] }).enumerated().map { "PREPARE s\($0) AS \($1)" }

    private static let plain =
        [
            IntakeStatements.fence, IntakeStatements.makePosition, IntakeStatements.position, DeliveryStatements.take,
            DeliveryStatements.putOffHeld, DeliveryStatements.pendingDestinations, DeliveryStatements.rescue,
            DeliveryStatements.leased, DeliveryStatements.books, EventStatements.one, EventStatements.ofKey,
            EventStatements.deadLetters, TimelineStatements.events, TimelineStatements.folds,
            TimelineStatements.deliveries, TimelineStatements.attempts, TimelineStatements.order, OrderStatements.one,
            OrderStatements.total, OrderStatements.statistics, OrderStatements.uniqueBuyers,
            ConfigurationStatements.putAccount, ConfigurationStatements.putToken, ConfigurationStatements.account,
            ConfigurationStatements.accounts, ConfigurationStatements.token, ConfigurationStatements.tokens,
            ConfigurationStatements.tokensOfAccount, ConfigurationStatements.putConnection,
            ConfigurationStatements.connections, ConfigurationStatements.connectionsOfAccount,
            ConfigurationStatements.noteChange, ConfigurationStatements.outbox,
            ConfigurationStatements.republishAccounts, ConfigurationStatements.republishTokens,
            ConfigurationStatements.takeLease, ConfigurationStatements.link, ConfigurationStatements.putLink,
            ConfigurationStatements.heartbeat, ConfigurationStatements.forgetProcesses,
            ConfigurationStatements.liveProcesses,
        ]
        + [OrderStatements.byTime, OrderStatements.byExternalID, OrderStatements.byEmail].flatMap {
            [$0.page, $0.count]
        }

    private static let manyRows = [
        IntakeStatements.known, IntakeStatements.events, IntakeStatements.folds, IntakeStatements.books,
        IntakeStatements.plan, IntakeStatements.decided, DeliveryStatements.attempts, DeliveryStatements.complete,
        DeliveryStatements.pullForward, DeliveryStatements.renew, DeliveryStatements.markCopied,
        TimelineStatements.states, OrderStatements.put, OrderStatements.count, OrderStatements.buyer,
        OrderStatements.some, ConfigurationStatements.removeFromOutbox,
    ]

    /// What a program of PostgreSQL's says to this input. It refuses to be run by root.
    private func run(_ words: [String], input: String) throws -> String {
        let process = Process()
        var arguments = ["\(Self.program)/\(words[0])"] + words.dropFirst()
        if geteuid() == 0 { arguments = ["/usr/sbin/runuser", "-u", "postgres", "--"] + arguments }
        process.executableURL = URL(fileURLWithPath: arguments[0])
        process.arguments = Array(arguments.dropFirst())
        process.currentDirectoryURL = FileManager.default.temporaryDirectory
        let (written, read) = (Pipe(), Pipe())
        process.standardInput = written
        process.standardOutput = read
        process.standardError = read
        try process.run()
        Thread.detachNewThread {
            try? written.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try? written.fileHandleForWriting.close()
        }
        let output = try read.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }
}
