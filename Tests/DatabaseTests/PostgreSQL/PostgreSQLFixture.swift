import Foundation
import Primitives
import Support
import Testing

@testable import Database

/// A database of one test's own on the shared server, or on a server of the test's.
struct PostgreSQLFixture {
    let server: PostgreSQLServer
    let name: String
    let database: PostgreSQLDatabase

    init(
        on server: PostgreSQLServer? = nil, tables: [String] = [],
        options: PostgreSQLOptions = PostgreSQLOptions(name: "test"),
        query: String = "", fenceHeld: (@Sendable () -> Void)? = nil
    ) async throws {
        if let server { self.server = server } else { self.server = try await PostgreSQLServer.shared() }
        name = try await self.server.makeDatabase()
        database = try PostgreSQLDatabase(
            url: self.server.url(database: name, query: query), options: options, fenceHeld: fenceHeld)
        _ = try await database.migrate([Migration(name: "tables", statements: tables)])
    }

    /// Another program's pool on the same database.
    func another(_ options: PostgreSQLOptions = PostgreSQLOptions(name: "other"), query: String = "") throws
        -> PostgreSQLDatabase
    {
        try PostgreSQLDatabase(url: server.url(database: name, query: query), options: options)
    }

    func number(_ text: String) async throws -> Int64 {
        try #require(try await database.read(Statement(text)).first?.first?.integer, "\(text)")
    }

    /// What the administrator does in this database.
    @discardableResult
    func sql(_ text: String) async throws -> String { try await server.sql(text, database: name) }

    /// Ends sessions of this database, as an administrator may.
    func terminate(where condition: String = "true") async throws {
        try await server.sql(
            """
            SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
            WHERE datname = '\(name)' AND application_name LIKE 'orderrelay/%' AND \(condition)
            """)
    }
}

extension PostgreSQLOptions {
    /// For what must end soon, and has a connection for each line.
    static func impatient(
        transaction: Int64 = 1_000, read: Int64 = 1_000, connecting: Int64 = 1_000
    ) -> PostgreSQLOptions {
        var options = PostgreSQLOptions(name: "test", bulk: 1, brisk: 1, reading: 1)
        options.patience = Patience(connecting: connecting, transaction: transaction, read: read)
        return options
    }
}

/// Milliseconds that something takes.
func milliseconds(_ work: () async throws -> Void) async rethrows -> Int64 {
    let start = MachineClock.monotonic.milliseconds
    try await work()
    return MachineClock.monotonic.milliseconds - start
}

extension HeldTransaction {
    convenience init(_ text: String, in fixture: PostgreSQLFixture) async throws {
        try await self.init([Statement(text, isFence: true)], at: fixture.server.url(database: fixture.name))
    }
}
