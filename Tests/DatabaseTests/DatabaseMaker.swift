import Support
import Testing

@testable import Database

/// Makes databases of one kind, empty, for the conformance suite.
struct DatabaseMaker: Sendable, CustomTestStringConvertible {
    var name: String
    /// What this database calls a column of bytes.
    var bytes = "BLOB"
    /// Whether its clock is the test's, and steps.
    var isSteppingClock = true
    var open: @Sendable (ManualClock) async throws -> any Database
    var testDescription: String { name }

    /// One with these tables, made by a migration named `tables`.
    func make(tables: [String], clockStep: Int64 = 0) async throws -> any Database {
        let database = try await open(ManualClock(step: clockStep))
        _ = try await database.migrate([Migration(name: "tables", statements: tables)])
        return database
    }

    static let all = sqlite + (PostgreSQLServer.isHere ? [postgreSQL] : [])

    private static let postgreSQL = DatabaseMaker(name: "PostgreSQL", bytes: "BYTEA", isSteppingClock: false) { _ in
        let server = try await PostgreSQLServer.shared()
        return try await PostgreSQLDatabase(
            url: server.url(database: server.makeDatabase()), options: PostgreSQLOptions(name: "test"))
    }

    private static let sqlite = [
        DatabaseMaker(name: "SQLite file") { clock in
            let folder = try TemporaryFolder()
            return try SQLiteDatabase(
                path: folder.file(),
                now: {
                    _ = folder
                    return clock.now()
                })
        },
        DatabaseMaker(name: "SQLite in memory") { try SQLiteDatabase(path: ":memory:", now: $0.now) },
    ]
}

/// Expects an error of the database with this code; gives it for more.
@discardableResult
func expect<Success>(
    code: DatabaseError.Code, sourceLocation: SourceLocation = #_sourceLocation,
    _ work: () async throws -> Success
) async -> DatabaseError? {
    do {
        _ = try await work()
        Issue.record("nothing was thrown, \(code) was expected", sourceLocation: sourceLocation)
    } catch let error as DatabaseError {
        #expect(error.code == code, sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record("\(error) was thrown", sourceLocation: sourceLocation)
    }
    return nil
}
