import Ledger
import Testing

@Suite struct BeatTests {
    @Test("the beat moves on every five seconds, however many processes there are")
    func beat() async throws {
        let fixture = try await Fixture()
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
