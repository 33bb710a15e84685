import Database
import Events
import Ledger
import Lifecycle
import Support

/// Where the ledgers of a benchmark are: files, or, after the word `postgresql`, databases of a server of its own, whose disk takes
/// so many milliseconds more for each `fdatasync`. Each commit is synchronised.
struct LedgerPlaces {
    static let usage = "[postgresql [DISK_MS]]"

    /// Says which it is.
    let words: String
    let server: PostgreSQLServer?
    private let folder: TemporaryFolder

    init(_ words: [String]) async throws {
        folder = try TemporaryFolder("benchmark")
        guard let start = words.firstIndex(of: "postgresql") else {
            server = nil
            self.words = "SQLite, synchronous FULL, \(folder.path)"
            return
        }
        let milliseconds = words[start...].dropFirst().first.flatMap { Int($0) } ?? 0
        server = try await LedgerBenchmark.server(diskMilliseconds: milliseconds)
        self.words = "PostgreSQL 15, fsync on, \(milliseconds) ms more for each fdatasync"
    }

    /// A new place for a ledger.
    ///
    /// - Parameter name: unlike those before.
    func url(_ name: String) async throws -> String {
        guard let server else { return "sqlite:\(folder.file("\(name).db"))" }
        return server.url(database: try await server.makeDatabase())
    }

    /// A ledger in a new place, with as many connections as a process has.
    func ledger(_ name: String) async throws -> Ledger {
        let ledger = try Ledger.open(
            url: try await url(name), postgreSQL: PostgreSQLOptions(name: "benchmark"), sealing: nil,
            now: { SystemTime().wall.milliseconds })
        try await ledger.migrate()
        return ledger
    }
}
