import Analytics
import Database
import Foundation
import Intake
import Ledger
import Lifecycle
import Orders
import Support

/// Events counted exactly once, as `analytics` does it, beside the bare rows of the same events: a hundred at a time, from one
/// writer and from two, each with a partition of its own; in turns.
enum CountingBenchmark {
    static let usage = "[EVENTS] \(LedgerPlaces.usage)"
    private static let rounds = 3

    @Sendable static func run(_ words: [String]) async throws {
        let events = words.first.flatMap(Int.init) ?? 20_000
        let places = try await LedgerPlaces(words)
        defer { withExtendedLifetime(places) {} }
        print("\(places.words); \(events) events of \(LedgerBenchmark.event(0).encoded().value.count) bytes")
        for writers in [1, 2] {
            var (bare, counted): ([Double], [Double]) = ([], [])
            for round in 1...rounds {
                let name = "\(writers)\(round)"
                bare.append(Double(events) / (try await insert(events, writers, url: places.url("bare\(name)"))))
                counted.append(Double(events) / (try await count(events, writers, url: places.url("counted\(name)"))))
            }
            let ratios = zip(counted, bare).map { $0 / $1 }.sorted()
            print(
                "  \(writers) writers: bare \(Int(bare.sorted()[rounds / 2]))/s, counted "
                    + "\(Int(counted.sorted()[rounds / 2]))/s, ratio "
                    + "\(DeliveryBenchmark.text(ratios[rounds / 2])) (goal: 0.4)")
        }
    }

    /// Has each writer do its share, in batches; seconds.
    private static func batches(
        _ events: Int, _ writers: Int,
        _ work: @escaping @Sendable (_ writer: Int, _ numbers: Range<Int>) async throws -> Void
    ) async throws -> Double {
        let share = events / writers
        return try await LedgerBenchmark.seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        let size = LedgerBenchmark.batchSize
                        for start in stride(from: writer * share, to: (writer + 1) * share, by: size) {
                            try await work(writer, start..<min(start + size, (writer + 1) * share))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// The rows of the events and nothing else.
    private static func insert(_ events: Int, _ writers: Int, url: String) async throws -> Double {
        let databases = try (0..<writers).map { _ in
            try Databases(url: url, options: PostgreSQLOptions(name: "bare"), now: { 0 }).open()
        }
        let bytes = url.hasPrefix("sqlite:") ? "BLOB" : "BYTEA"
        _ = try await databases[0].migrate([
            Migration(
                name: "bare",
                statements: [
                    "CREATE TABLE bare (event_id TEXT PRIMARY KEY, key TEXT NOT NULL, log_offset BIGINT NOT NULL, body \(bytes))"
                ])
        ])
        let insertion = SQL(
            """
            INSERT INTO bare(event_id, key, log_offset, body) SELECT v.event_id, v.key, v.log_offset, v.body
            FROM rows AS v
            """, rows: ["event_id": .text, "key": .text, "log_offset": .integer, "body": .blob])
        let seconds = try await batches(events, writers) { writer, numbers in
            let rows = numbers.map { number -> [Value] in
                let event = LedgerBenchmark.event(number)
                return [
                    .text(event.id), .text(event.order.text), .integer(Int64(number)), .blob(event.encoded().value),
                ]
            }
            _ = try await databases[writer].transaction([Statement(insertion, rows: rows)], urgency: .bulk)
        }
        for database in databases { await database.close() }
        return seconds
    }

    /// What is known is looked for, present orders are read, and all is written with the position.
    private static func count(_ events: Int, _ writers: Int, url: String) async throws -> Double {
        var ledgers: [Ledger] = []
        for _ in 0..<writers { ledgers.append(try await LedgerBenchmark.open(url)) }
        for (writer, ledger) in ledgers.enumerated() {
            _ = try await ledger.position(of: ReadModel.worker, in: source(writer), base: 0)
        }
        let all = ledgers
        let seconds = try await batches(events, writers) { writer, numbers in
            let (ledger, source) = (all[writer], source(writer))
            let from = Int64(numbers.lowerBound - writer * (events / writers))
            let events = numbers.map(LedgerBenchmark.event)
            let known = try await ledger.known(events.map(\.id), to: ReadModel.worker)
            precondition(known.isEmpty, "an event is there twice")
            let plans = try await AnalyticsPlanner(ledger: ledger).plan(
                events.enumerated().map { index, event in
                    PlannableEvent(
                        event: event, value: event.encoded().value, source: source, offset: from + Int64(index),
                        isConflict: false)
                })
            let entries = zip(events, plans).enumerated().map { index, pair in
                entry(pair.0, at: from + Int64(index), pair.1.disposition)
            }
            _ = try await ledger.takeIn(
                IntakeBatch(
                    worker: ReadModel.worker, source: source, owner: "\(writer)", from: from,
                    next: from + Int64(entries.count), entries: entries, changes: plans.flatMap(\.changes)))
        }
        for ledger in ledgers { await ledger.close() }
        return seconds
    }

    @Sendable private static func source(_ writer: Int) -> LogPartition {
        LogPartition(cluster: "c", topic: "orders", partition: Int32(writer))
    }
}
