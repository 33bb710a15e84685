import Ledger
import Support
import Testing

@Suite struct BeatTests {
    @Test("the beat moves on every five seconds, however many processes there are", arguments: LedgerMaker.all)
    func beat(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        var beats: [Int64] = []
        for _ in 0..<5 {
            for process in ["a", "b", "c"] {
                beats.append(try await fixture.ledger.heartbeat(process: process, worker: "crm"))
            }
            fixture.clock.advance(2_500)
        }
        #expect(beats == [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3])
    }
}
