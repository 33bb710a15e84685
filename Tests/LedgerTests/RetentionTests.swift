import Database
import Orders
import Support
import Testing

@testable import Ledger

@Suite("What is older than the retention") struct RetentionTests {
    @Test("the setting is the ledger's, and out of range there is none", arguments: LedgerMaker.all)
    func setting(maker: LedgerMaker) async throws {
        let ledger = try await Fixture(maker).ledger
        #expect(try await ledger.retention() == .standard)
        let other = try #require(Retention(days: 8, ordersDays: 400))
        try await ledger.setRetention(other, by: "test")
        #expect(try await ledger.retention() == other)
        try await ledger.setRetention(try #require(Retention(days: 3650, ordersDays: nil)), by: "test")
        #expect(try await ledger.retention().ordersDays == nil)
        for (days, ordersDays) in [(7, nil), (3651, nil), (30, 29), (30, 3651)] as [(Int, Int?)] {
            #expect(Retention(days: days, ordersDays: ordersDays) == nil)
        }
    }

    @Test("closed rows go with their attempts and events, and are in the books as removed", arguments: LedgerMaker.all)
    func removes(maker: LedgerMaker) async throws {
        let bench = try await RetentionBench(maker)
        try await bench.takeIn(0..<30)
        try await bench.complete()
        bench.pass(days: 50)
        try await bench.takeIn(30..<40)
        try await bench.complete()
        bench.pass(days: 41)
        let report = try #require(try await bench.prune())
        #expect(report.removed["history"] == 30 && report.removed["events"] == 30 && !report.isCutShort)
        #expect(try await bench.book().removed == 30)
        #expect(try await bench.book().rows == [.done: 10])
        for table in ["history", "events", "attempts"] { #expect(try await bench.count(table) == 10, "\(table)") }
        try await bench.checkBooks()
        #expect(try await bench.prune()?.removed.values.allSatisfy { $0 == 0 } == true)
        // By design: what was forgotten is new again.
        #expect(try await bench.ledger.known([event(1).id, event(31).id], to: "confirmations").count == 1)
    }

    @Test("how far a prune is goes up to all that it passes, and no further", arguments: LedgerMaker.all, [91, 300])
    func tellsHowFar(maker: LedgerMaker, days: Int64) async throws {
        let bench = try await RetentionBench(maker)
        for start in stride(from: 0, to: 400, by: 100) {
            try await bench.takeIn(start..<start + 100)
            try await bench.complete()
        }
        bench.pass(days: days - 60)
        try await bench.takeIn(400..<410)
        try await bench.complete()
        bench.pass(days: 60)
        let told = Shared<[[Int64]]>([])
        let report = try await bench.ledger.prune(
            owner: "p", progress: { done, total in told.change { $0.append([done, total]) } }, pause: { _ in true })
        let all = told.now
        #expect(all.first?[0] == 0 && all.count >= 2)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0[0] <= $1[0] && $0[1] == $1[1] }, "\(all)")
        // A period is gone through by its deliveries alone; its events go with it.
        let passed: Int64 = report?.removed["periods"] == 1 ? 400 : 800
        #expect(all.last == [passed, passed])
        #expect(report?.removed["history"] == 400)
        let again = Shared<[[Int64]]>([])
        _ = try await bench.ledger.prune(
            owner: "p", progress: { done, total in again.change { $0.append([done, total]) } }, pause: { _ in true })
        #expect(again.now.allSatisfy { $0[0] == $0[1] && $0[1] == 0 }, "nothing is left to be passed: \(again.now)")
    }

    @Test(
        "rows that are open, and dead ones nobody can read of yet, stay with their events", arguments: LedgerMaker.all)
    func stays(maker: LedgerMaker) async throws {
        let bench = try await RetentionBench(maker)
        let open = try await bench.takeIn(0..<4, to: "open")
        let dead = try await bench.takeIn(4..<6, to: "dead")
        try await bench.complete(dead, .dead(reason: "550"))
        try await bench.takeIn(6..<8)
        try await bench.complete()
        bench.pass(days: 91)
        let report = try #require(try await bench.prune())
        #expect(report.waitsForDeadLetters)
        #expect(report.removed["history"] == 2 && report.removed["events"] == 2)
        #expect(try await bench.count("events") == 6)
        #expect(try await bench.count("attempts") == 2)
        try await bench.checkBooks()
        // Copied, they go. An open row that closes now begins its time.
        try await bench.ledger.markCopied(dead.map(\.id))
        try await bench.complete([open[0]])
        let second = try #require(try await bench.prune())
        #expect(!second.waitsForDeadLetters)
        #expect(second.removed["history"] == 2 && second.removed["events"] == 2)
        #expect(try await bench.book("dead").removed == 2)
        #expect(try await bench.count("events") == 4, "an event stays for its row's time")
        try await bench.checkBooks()
        #expect(try await bench.ledger.event(open[0].eventID, worker: "confirmations") != nil)
    }

    @Test("a dead row within its time keeps its event, however old that is", arguments: LedgerMaker.all)
    func deadLately(maker: LedgerMaker) async throws {
        let bench = try await RetentionBench(maker)
        let rows = try await bench.takeIn(0..<1)
        bench.pass(days: 60)
        try await bench.complete(rows, .dead(reason: "550"))
        try await bench.ledger.markCopied(rows.map(\.id))
        bench.pass(days: 40)
        _ = try await bench.prune()
        #expect(try await bench.ledger.event(event(0).id, worker: "confirmations") != nil)
        bench.pass(days: 52)
        _ = try await bench.prune()
        #expect(try await bench.count("history") == 0)
        #expect(try await bench.book().removed == 1)
        try await bench.checkBooks()
        // Where it was moved on it stays for another retention.
        bench.pass(days: 110)
        _ = try await bench.prune()
        #expect(try await bench.count("events") == 0)
    }

    @Test("notes of folded records go, each partition's oldest first", arguments: LedgerMaker.all)
    func folds(maker: LedgerMaker) async throws {
        let bench = try await RetentionBench(maker)
        try await bench.fold(100)
        bench.pass(days: 91)
        try await bench.fold(3)
        #expect(try await bench.prune()?.removed["folds"] == 100)
        #expect(try await bench.count("folds") == 3)
    }

    @Test("orders and buyers have a time of their own, and stay where it has no end", arguments: LedgerMaker.all)
    func orders(maker: LedgerMaker) async throws {
        let bench = try await RetentionBench(maker)
        try await bench.putOrders(0..<150, accounts: ["acme", "beta"])
        bench.pass(days: 300)
        try await bench.putOrders(140..<160, accounts: ["acme"], createdAt: epoch)
        bench.pass(days: 100)
        _ = try await bench.prune()
        #expect(try await bench.count("orders") == 310)
        try await bench.ledger.setRetention(try #require(Retention(days: 90, ordersDays: 365)), by: "test")
        let report = try #require(try await bench.prune())
        // Those that were changed later stay, with their account's newer ones.
        #expect(report.removed["orders"] == 290)
        #expect(report.removed["sale_buyers"] == 300)
        #expect(try await bench.count("orders") == 20)
        #expect(try await bench.count("sale_buyers") == 20)
        #expect(try await bench.count("stats") > 0, "statistics stay")
    }

    @Test("one process prunes at a time", arguments: LedgerMaker.all)
    func oneAtATime(maker: LedgerMaker) async throws {
        let bench = try await RetentionBench(maker)
        try await bench.takeIn(0..<5)
        try await bench.complete()
        bench.pass(days: 91)
        #expect(try await bench.ledger.takeLease("retention", owner: "another", milliseconds: 1_000))
        #expect(try await bench.prune() == nil)
        #expect(try await bench.count("history") == 5)
        bench.fixture.clock.advance(1_000)
        #expect(try await bench.prune()?.removed["history"] == 5)
    }

    @Test("a prune that is told to end does so, and the next one goes on", arguments: LedgerMaker.all)
    func cutShort(maker: LedgerMaker) async throws {
        let bench = try await RetentionBench(maker)
        try await bench.takeIn(0..<300)
        try await bench.complete()
        bench.pass(days: 91)
        let first = try #require(try await bench.ledger.prune(owner: "p") { _ in false })
        #expect(first.isCutShort)
        let removed = first.removed["history"] ?? 0
        #expect(removed > 0 && removed < 300 && first.removed["events"] == nil)
        try await bench.checkBooks()
        #expect(try await bench.prune()?.removed["history"] == 300 - removed)
        #expect(try await bench.count("events") == 0)
        try await bench.checkBooks()
    }

    @Test(
        "wherever a prune is broken off, the books balance, and the next one ends it", arguments: LedgerMaker.all,
        [FailingDatabase.Mood.away, .losesAnswers])
    func brokenOff(maker: LedgerMaker, mood: FailingDatabase.Mood) async throws {
        let bench = try await RetentionBench(maker)
        try await bench.takeIn(0..<150)
        try await bench.complete()
        let dead = try await bench.takeIn(150..<160, to: "dead")
        try await bench.complete(dead, .dead(reason: "550"))
        try await bench.ledger.markCopied(dead.map(\.id))
        try await bench.takeIn(160..<170, to: "open")
        bench.pass(days: 91)
        let database = FailingDatabase(bench.fixture.database)
        let ledger = Ledger(database: database, sealing: nil)
        var steps = 0
        while steps < 100 {
            database.next.now = Array(repeating: .well, count: steps) + [mood]
            do throws(LedgerError) {
                _ = try await ledger.prune(owner: "p") { _ in true }
                // It ended before the fault.
                if !database.next.now.isEmpty { break }
            } catch { #expect(error.isRetriable) }
            try await bench.checkBooks()
            steps += 1
        }
        #expect(steps > 4 && steps < 100)
        #expect(try await bench.count("history") == 0)
        #expect(try await bench.count("events") == 10)
        #expect(try await bench.count("attempts") == 0)
        #expect(try await bench.book().removed == 150)
        #expect(try await bench.book("dead").removed == 10)
        #expect(try await bench.book("open").removed == 0)
        try await bench.checkBooks()
    }
}
