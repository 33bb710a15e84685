import Ledger
import Orders
import Support
import Telemetry
import Testing

@testable import Delivery

@Suite("Replays by a worker") struct ReplayerTests {
    /// An engine whose first attempts are all refused.
    private struct Bench {
        let fixture: EngineFixture
        let sightings = Sightings()
        let refuses = Shared(true)

        init(orders: Int) async throws {
            fixture = try await EngineFixture([
                "email": TestAdapter { [sightings, refuses] attempt in
                    sightings.note(attempt)
                    return refuses.now ? .permanent(why: "550 no") : done
                }
            ])
            try await fixture.takeIn((1...orders).map { event($0) })
            try await eventually("all are dead") { try await fixture.states() == [.dead: Int64(orders)] }
            refuses.now = false
        }

        func make(rate: Int) async throws -> String {
            let selection = ReplaySelection(destination: "email")
            return try await fixture.ledger.makeReplay(
                selection, tally: try await fixture.ledger.tally(selection), name: "test", author: "olena", rate: rate)
        }
    }

    @Test("what is replayed is attempted at once, as fast as the rate says, and counted")
    func replays() async throws {
        let bench = try await Bench(orders: 8)
        let fixture = bench.fixture
        let id = try await bench.make(rate: 2)
        fixture.engine.start()
        await fixture.pass(.seconds(1))
        #expect(try await fixture.states()[.done] ?? 0 <= 4)
        await fixture.pass(.seconds(12))
        #expect(try await fixture.states() == [.done: 8])
        #expect(bench.sightings.all.suffix(8).allSatisfy { $0.delivery.attempt == 0 })
        #expect(try await fixture.ledger.replay(id)?.state == .done)
        let counted = "\norderrelay_delivery_replays_total{worker=\"confirmations\",fate=\"replayed\"} 8\n"
        #expect(fixture.metrics.rendered().contains(counted))
    }

    @Test("one process makes the steps; where it ends another goes on when its lease has run out")
    func oneOfThem() async throws {
        let bench = try await Bench(orders: 2)
        let fixture = bench.fixture
        let id = try await bench.make(rate: 10)
        #expect(try await fixture.ledger.takeLease("replays/confirmations", owner: "another", milliseconds: 20_000))
        fixture.engine.start()
        await fixture.pass(.seconds(10))
        #expect(try await fixture.ledger.replay(id)?.count(.replayed) == 0)
        await fixture.pass(.seconds(30))
        #expect(try await fixture.ledger.replay(id)?.state == .done)
        #expect(try await fixture.states() == [.done: 2])
    }
}
