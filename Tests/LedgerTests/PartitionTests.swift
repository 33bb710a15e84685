import Database
import Orders
import Support
import Testing

@testable import Ledger

@Suite("Partitions by time", .enabled(if: PostgreSQLServer.isHere), .timeLimit(.minutes(5))) struct PartitionTests {
    private static let maker = LedgerMaker.all.last { $0.isPostgreSQL }!

    /// Rows of each kind in the first period and some in the next ones, as old as the first one may become.
    private func grown() async throws -> RetentionBench {
        let bench = try await RetentionBench(Self.maker)
        try await bench.takeIn(0..<30)
        try await bench.complete()
        try await bench.takeIn(30..<33, to: "open")
        let dead = try await bench.takeIn(33..<37, to: "dead")
        try await bench.complete(Array(dead[..<2]), .dead(reason: "550"))
        try await bench.ledger.markCopied(dead.map(\.id))
        _ = try await bench.prune()
        bench.pass(days: 20)
        // Planned in the first period, closed in a later one.
        try await bench.complete(Array(dead[2...]), .dead(reason: "550"))
        try await bench.ledger.markCopied(dead.map(\.id))
        try await bench.takeIn(40..<50)
        try await bench.complete()
        _ = try await bench.prune()
        bench.pass(days: 72)
        return bench
    }

    private func check(_ bench: RetentionBench) async throws {
        #expect(try await bench.book().removed == 30)
        #expect(try await bench.book("dead").removed == 2)
        #expect(try await bench.book("dead").rows == [.dead: 2])
        #expect(try await bench.book().rows == [.done: 10])
        #expect(try await bench.book("open").rows.values.reduce(0, +) == 3)
        try await bench.checkBooks()
        // Those of open rows, of dead ones that stay, and the later ones.
        #expect(try await bench.count("events") == 15)
        for number in 30..<33 {
            #expect(try await bench.ledger.event(event(number).id, worker: "confirmations") != nil)
        }
        #expect(try await bench.count("history") == 12)
        #expect(try await bench.count("attempts") == 12)
        for table in ["history_p0", "events_p0", "attempts_p0"] {
            #expect(try await bench.count("pg_class WHERE relname = '\(table)'") == 0)
        }
        #expect(try await bench.count("periods WHERE name = 'p0'") == 0)
        let attached = try await bench.count("pg_inherits WHERE inhparent = 'events'::regclass")
        #expect(try await bench.count("periods") == attached)
    }

    @Test("a period goes as a whole, and events that rows still need move on as they are")
    func drops() async throws {
        let bench = try await grown()
        let before = try await bench.fixture.database.read(
            Statement("SELECT seq, event_id, taken_at, filed_at FROM events WHERE event_id = $1", [.text(event(31).id)])
        )
        let report = try #require(try await bench.prune())
        #expect(report.removed["periods"] == 1 && report.removed["history"] == 32)
        try await check(bench)
        let after = try await bench.fixture.database.read(
            Statement("SELECT seq, event_id, taken_at, filed_at FROM events WHERE event_id = $1", [.text(event(31).id)])
        )
        #expect(after.count == 1 && after[0][..<3] == before[0][..<3])
        #expect(after[0][3].integer! > before[0][3].integer!)
    }

    @Test(
        "wherever it is broken off, the books balance, and the next one goes on",
        arguments: [FailingDatabase.Mood.away, .losesAnswers])
    func brokenOff(mood: FailingDatabase.Mood) async throws {
        let bench = try await grown()
        let database = FailingDatabase(bench.fixture.database)
        let ledger = Ledger(database: database, sealing: nil)
        var steps = 0
        // The lease, and then one step more each time.
        while steps < 100 {
            database.next.now = Array(repeating: .well, count: 1 + steps) + [mood]
            do throws(LedgerError) {
                _ = try await ledger.prune(owner: "p") { _ in true }
                if !database.next.now.isEmpty { break }
            } catch { #expect(error.isRetriable) }
            try await bench.checkBooks()
            steps += 1
        }
        #expect(steps > 8 && steps < 100)
        database.next.now = []
        _ = try await ledger.prune(owner: "p") { _ in true }
        try await check(bench)
    }

    @Test("a period that was let go of and not dropped is dropped, and one that was half let go of is finished")
    func halfway() async throws {
        let bench = try await grown()
        // A transaction that writes into the tables, and stays open: whoever lets go of a partition waits for it.
        let holder = try await bench.fixture.holding([
            Statement("UPDATE history SET copied_at = copied_at WHERE id = 0"),
            Statement("UPDATE events SET reason = reason WHERE seq = 0"),
            Statement("UPDATE beat SET one = 1", isFence: true),
        ])
        let another = try bench.fixture.another()
        async let broken = await Result { try await another.prune(owner: "p") { _ in true } }
        try await eventually("it waits for the transaction") {
            try await bench.count("pg_inherits WHERE inhdetachpending") == 1
        }
        // Nobody waits for it meanwhile.
        try await bench.checkBooks()
        try await bench.takeIn(60..<70)
        try await bench.complete()
        #expect(try await bench.ledger.events(ofKey: orderID(60).text, worker: "confirmations").count == 1)
        #expect(try await bench.count("pg_inherits WHERE inhdetachpending") == 1)
        try await bench.checkBooks()
        let server = try await PostgreSQLServer.shared()
        try await server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE history DETACH%'")
        guard case .failure(let error as LedgerError) = await broken else {
            Issue.record("the prune was not broken off")
            return
        }
        #expect(error.isRetriable, "\(error)")
        try await holder.commit()
        try await bench.checkBooks()
        // The next one finishes that table, and its process ends before it drops it.
        try await bench.fixture.database.runAlone([PeriodStatements.drop(Period(name: "p0", to: 0), of: "history")[0]])
        try await bench.checkBooks()
        #expect(try await bench.prune()?.removed["periods"] == 1)
        #expect(try await bench.count("pg_class WHERE relname = 'history_p0'") == 0)
        #expect(try await bench.book().removed == 30)
        #expect(try await bench.book().rows == [.done: 20])
        try await bench.checkBooks()
        await another.close()
    }

    @Test("a dead row that is not copied keeps its period, and others are deleted from it")
    func uncopied() async throws {
        let bench = try await RetentionBench(Self.maker)
        let dead = try await bench.takeIn(0..<5)
        try await bench.complete(Array(dead[..<4]))
        try await bench.complete([dead[4]], .dead(reason: "550"))
        bench.pass(days: 93)
        let report = try #require(try await bench.prune())
        #expect(report.waitsForDeadLetters && report.removed["periods"] == nil && report.removed["history"] == 4)
        #expect(try await bench.ledger.deadLetters(worker: "confirmations", limit: 5).map(\.id) == [dead[4].id])
        try await bench.checkBooks()
        try await bench.ledger.markCopied([dead[4].id])
        #expect(try await bench.prune()?.removed["periods"] == 1)
        #expect(try await bench.book().removed == 5)
        try await bench.checkBooks()
    }

    @Test("a row for whose time nobody has made a partition gets one, and it is known that it was late")
    func late() async throws {
        let bench = try await RetentionBench(Self.maker)
        let rows = try await bench.takeIn(0..<3)
        bench.pass(days: 400)
        try await bench.complete(rows)
        #expect(bench.ledger.latePartitions == 1)
        try await bench.takeIn(3..<5)
        #expect(bench.ledger.latePartitions == 1)
        try await bench.checkBooks()
    }

    @Test("several processes make the same partitions, and none fails")
    func together() async throws {
        let bench = try await RetentionBench(Self.maker)
        bench.pass(days: 30)
        let now = bench.fixture.clock.now()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                let ledger = try bench.fixture.another()
                group.addTask {
                    try await ledger.makePeriods(.standard, now: now)
                    await ledger.close()
                }
            }
            try await group.waitForAll()
        }
        let periods = try await bench.ledger.periods()
        #expect(Periods.missing(after: periods, .standard, now: now).isEmpty && periods.count <= Periods.maximum)
        #expect(try await bench.count("pg_inherits WHERE inhparent = 'attempts'::regclass") == Int64(periods.count))
    }

    @Test("after two years there are eight partitions at most, and the books have counted everything")
    func longLived() async throws {
        let bench = try await RetentionBench(Self.maker)
        try await bench.ledger.setRetention(try #require(Retention(days: 30, ordersDays: nil)), by: "test")
        for month in 0..<12 {
            try await bench.takeIn(month * 10..<(month + 1) * 10)
            try await bench.complete()
            bench.pass(days: 13)
            _ = try await bench.prune()
            #expect(try await bench.count("pg_inherits WHERE inhparent = 'history'::regclass") <= 8)
            try await bench.checkBooks()
        }
        #expect(try await bench.book().planned == 120)
        #expect(try await bench.book().removed >= 80)
        #expect(bench.ledger.latePartitions == 0)
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ work: () async throws -> Success) async {
        do { self = .success(try await work()) } catch { self = .failure(error) }
    }
}
