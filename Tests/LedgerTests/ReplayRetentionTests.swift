import Database
import Support
import Testing

@testable import Ledger

@Suite("Replays and retention") struct ReplayRetentionTests {
    @Test("a row of a period that is being removed is not opened again", arguments: LedgerMaker.all)
    func leaving(maker: LedgerMaker) async throws {
        let bench = try await ReplayTests.Bench(maker)
        _ = try await bench.ledger.takeIn(batch([event(1)]))
        try await bench.deliver(.dead(reason: "550 no such user"))
        let id = try await bench.make()
        bench.fixture.clock.advance(1_000)
        _ = try await bench.ledger.transaction([
            LedgerLock.closing, Statement("UPDATE retention SET closed_before = now_ms()"),
        ])
        try await bench.finish()
        #expect(try await bench.states() == [.dead: 1])
        let replay = try #require(try await bench.ledger.replay(id))
        #expect(replay.state == .done && replay.count(.replayed) == 0 && replay.count(.withoutEvent) == 1)
    }

    @Test("a replay that has ended goes when its time is over, with what it decided", arguments: LedgerMaker.all)
    func removed(maker: LedgerMaker) async throws {
        let bench = try await ReplayTests.Bench(maker)
        _ = try await bench.ledger.takeIn(batch([event(1)]))
        try await bench.deliver(.dead(reason: "550 no such user"))
        let id = try await bench.make()
        try await bench.finish()
        try await bench.deliver(.done)
        bench.fixture.clock.advance(89 * 24 * 60 * 60 * 1000)
        _ = try await bench.ledger.prune(owner: "p") { _ in true }
        #expect(try await bench.ledger.replays(limit: 10).map(\.id) == [id])
        bench.fixture.clock.advance(2 * 24 * 60 * 60 * 1000)
        _ = try await bench.ledger.prune(owner: "p") { _ in true }
        #expect(try await bench.ledger.replays(limit: 10).isEmpty)
        for table in ["replays", "replay_parts", "replay_rows"] {
            #expect(try await bench.fixture.number("SELECT count(*) FROM \(table)") == 0, "\(table)")
        }
    }
}
