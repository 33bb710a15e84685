import Foundation
import Ledger
import Support

/// The first minute of a database that nobody has analysed, beside the minute after a vacuum that found no open row: plans must
/// not depend on statistics.
enum FreshBenchmark {
    static let usage = "[SECONDS [DISK_MS]] [without-ballast] [SETTING=VALUE…]"
    /// Into how many parts each of the two times is cut.
    private static let parts = 6

    @Sendable static func run(_ words: [String]) async throws {
        let numbers = words.compactMap { Int($0) }
        let seconds = max(parts, numbers.first ?? 60)
        let server = try await LedgerBenchmark.server(
            diskMilliseconds: numbers.dropFirst().first ?? 1, settings: words.filter { $0.contains("=") })
        let database = try await server.makeDatabase()
        await (try LedgerBenchmark.open(server.url(database: database))).close()
        if words.contains("without-ballast") {
            // As it was before: also without what the migration has analysed.
            try await server.sql("TRUNCATE deliveries", database: database)
        }
        let first = try await half(0, seconds, server, database)
        try await server.sql("VACUUM (TRUNCATE OFF, ANALYZE) deliveries", database: database)
        let second = try await half(1, seconds, server, database)
        print(
            "\(FullRate.words): \(Int(first)) events/s in the first \(seconds) s of a fresh database, \(Int(second)) in as "
                + "many after a vacuum: \(DeliveryBenchmark.text(second / first)) of it")
        withExtendedLifetime(server) {}
    }

    /// Events a second.
    private static func half(
        _ half: Int, _ seconds: Int, _ server: PostgreSQLServer, _ database: String
    ) async throws -> Double {
        let load = try await FullRate(server.url(database: database), round: half)
        return try await load.run {
            let start = ContinuousClock.now
            for part in 0..<parts {
                let (before, done) = (try await ServerFigures.now(server, database), load.done)
                let began = ContinuousClock.now
                try await Task.sleep(for: .seconds(seconds) / parts)
                let rate = Double(load.done - done) / ((.now - began) / .seconds(1))
                let now = try await ServerFigures.now(server, database)
                print("  part \(half * parts + part + 1): \(Int(rate)) events/s; \(now.words(since: before))")
            }
            return Double(load.done) / ((.now - start) / .seconds(1))
        }
    }
}
