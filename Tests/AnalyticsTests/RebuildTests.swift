import Database
import Ledger
import Orders
import Support
import Testing

@testable import Analytics
@testable import Intake

@Suite("Counting again") struct RebuildTests {
    /// A ledger into which random events were counted, and may be counted on.
    private struct Scene {
        let database: any Database
        let ledger: Ledger
        let planner: AnalyticsPlanner
        private let place: LedgerMaker.Place
        private let exactlyOnce: ExactlyOnceTests
        private var generator = SeededGenerator(seed: 7)
        private(set) var next: Int64 = 0

        init(_ maker: LedgerMaker) async throws {
            place = try await maker.place(clock: ManualClock(epoch.milliseconds))
            database = try place.open()
            ledger = try await .made(on: database)
            planner = AnalyticsPlanner(ledger: ledger)
            exactlyOnce = try await ExactlyOnceTests()
            next = try await ledger.position(of: "analytics", in: partition, base: 0).next
            try await count(batches: 12)
        }

        mutating func count(batches: Int) async throws {
            for _ in 0..<batches {
                var batch: [PlannableEvent] = []
                for _ in 0..<8 {
                    let minute = 1_000 + next
                    batch.append(ReferenceCountTests.randomEvent(&generator, minute: minute))
                }
                let plans = try await planner.plan(batch)
                _ = try await ledger.takeIn(exactlyOnce.intake(batch, plans, from: next))
                next += Int64(batch.count)
            }
        }

        func rebuild(_ owner: String = "one", atOnce: Int = 500) -> Rebuild {
            Rebuild(ledger, owner: owner, ordersAtOnce: atOnce)
        }

        func change(_ texts: String...) async throws { _ = try await database.transaction(texts.map { Statement($0) }) }

        func number(_ text: String) async throws -> Int64? {
            try await database.read(Statement(text)).first?.first?.integer
        }
    }

    @Test("what was counted event by event is what all events come to, in whatever pages", arguments: LedgerMaker.all)
    func equal(maker: LedgerMaker) async throws {
        let scene = try await Scene(maker)
        #expect(try await scene.number("SELECT count(*) FROM stats") ?? 0 > 5)
        #expect(try await scene.number("SELECT count(*) FROM sale_buyers") ?? 0 > 0)
        for atOnce in [500, 7, 1] {
            var told: [[Int64]] = []
            let recount = try await scene.rebuild(atOnce: atOnce).count { told.append([$0, $1]) }
            #expect(told.first?[0] == 0 && told.last == [Int64(recount.events), Int64(recount.events)])
            #expect(zip(told, told.dropFirst()).allSatisfy { $0[0] <= $1[0] && $0[1] == $1[1] })
            #expect(recount.isEqual && recount.firstDifference == nil, "\(recount)")
            #expect(recount.events == Int(try await scene.number("SELECT planned FROM positions") ?? 0))
        }
        try await scene.rebuild().end()
        #expect(try await scene.number("SELECT count(*) FROM rebuild_stats") == 0)
    }

    @Test(
        "the first difference is named, and applying mends it, whatever is counted meanwhile",
        arguments: LedgerMaker.all)
    func apply(maker: LedgerMaker) async throws {
        var scene = try await Scene(maker)
        let first = "(SELECT minute FROM stats ORDER BY account, minute, currency, offer, source LIMIT 1)"
        try await scene.change(
            "UPDATE stats SET orders = orders + 3 WHERE minute = \(first)",
            "DELETE FROM stats WHERE minute = (SELECT max(minute) FROM stats WHERE orders > 0)",
            "DELETE FROM sale_buyers WHERE minute = (SELECT min(minute) FROM sale_buyers)",
            "INSERT INTO sale_buyers VALUES ('acme', 1, 'o', 's', 'nobody')")
        let rebuild = scene.rebuild()
        let recount = try await rebuild.count()
        #expect(recount.buckets >= 2 && recount.buyers >= 2, "\(recount)")
        let words = try #require(recount.firstDifference)
        let minute = try #require(try await scene.number("SELECT min(minute) FROM stats"))
        #expect(words.hasPrefix("account acme, minute \(minute), currency "), "\(words)")
        #expect(words.contains(": the ledger has orders ") && words.contains("; counted again it is "), "\(words)")
        #expect(try await scene.rebuild().count() == recount, "nothing is changed by looking")
        try await scene.count(batches: 3)
        try await rebuild.apply(recount, by: "test")
        let after = try await rebuild.count()
        #expect(after.isEqual, "\(after)")
        #expect(after.events > recount.events)
    }

    @Test("buyers alone may differ", arguments: LedgerMaker.all)
    func buyers(maker: LedgerMaker) async throws {
        let scene = try await Scene(maker)
        try await scene.change("INSERT INTO sale_buyers VALUES ('acme', 1, 'o', 's', 'nobody')")
        let recount = try await scene.rebuild().count()
        #expect((recount.buckets, recount.buyers) == (0, 1))
        #expect(
            recount.firstDifference == "account acme, minute 1, offer o, source s: the ledger has a buyer too many")
    }

    @Test("where events are gone nothing is compared, and so nothing applied", arguments: LedgerMaker.all)
    func incomplete(maker: LedgerMaker) async throws {
        let scene = try await Scene(maker)
        try await scene.change(
            "DELETE FROM events WHERE seq = (SELECT min(seq) FROM events WHERE disposition = 'planned')")
        let error = await #expect(throws: Rebuild.Incomplete.self) { try await scene.rebuild().count() }
        #expect("\(try #require(error))".hasPrefix("1 of the "))
    }

    @Test("one rebuild at a time", arguments: LedgerMaker.all)
    func alone(maker: LedgerMaker) async throws {
        let scene = try await Scene(maker)
        _ = try await scene.rebuild().count()
        let error = await #expect(throws: LedgerError.self) { try await scene.rebuild("two").count() }
        #expect(error?.code == .fenced)
        try await scene.rebuild().end()
        _ = try await scene.rebuild("two").count()
    }
}
