import Assembly
import Configuration
import Foundation
import Telemetry
import Testing

@testable import Database

/// How the settings say that PostgreSQL is used.
@Suite("Settings of PostgreSQL")
struct DatabaseSettingsTests {
    private func options(_ values: [String: String]) throws -> PostgreSQLOptions {
        try PostgreSQLOptions(Environment(values), process: "crm", metrics: Metrics())
    }

    @Test("without any, four connections and no pooler, under the process's name")
    func defaults() throws {
        let options = try options([:])
        #expect(options.connections == 4 && !options.isPooled && options.name == "orderrelay/crm")
    }

    @Test("what they say holds", arguments: [3, 12, 100])
    func given(connections: Int) throws {
        let options = try options(["DATABASE_CONNECTIONS": "\(connections)", "DATABASE_POOLER": "transaction"])
        #expect(options.connections == connections && options.isPooled)
    }

    @Test("a password may be given as a file")
    func password() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "password-\(UUID())")
        try Data("word\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try options(["DATABASE_PASSWORD_FILE": file.path]).password == "word")
        #expect(try options([:]).password == nil)
    }

    @Test(
        "a wrong one is refused with what would be right",
        arguments: [
            ("DATABASE_CONNECTIONS", "2", "a number from 3 to 100"),
            ("DATABASE_CONNECTIONS", "101", "a number from 3 to 100"),
            ("DATABASE_CONNECTIONS", "many", "a number from 3 to 100"),
            ("DATABASE_POOLER", "session", "transaction, or nothing where there is no pooler"),
            ("DATABASE_POOLER", "true", "transaction, or nothing where there is no pooler"),
        ])
    func wrong(name: String, value: String, expected: String) {
        let error = #expect(throws: ConfigurationError.self) { try options([name: value]) }
        #expect(error?.message == "\(name) is \"\(value)\"; expected \(expected)")
    }
}
