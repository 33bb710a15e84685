import Ledger
import Orders
import Support
import Testing

@Suite("Records that are lost") struct LossTests {
    private func stopped(_ maker: LedgerMaker) async throws -> Fixture {
        let fixture = try await Fixture(maker)
        _ = try await fixture.ledger.position(of: "confirmations", in: partition, base: 0)
        _ = try await fixture.ledger.takeIn(batch([event(1)]))
        try await fixture.ledger.noteStop(of: "confirmations", in: partition, why: "records 1 to 4 were deleted")
        return fixture
    }

    private func book(_ fixture: Fixture, from: Int64 = 1, to: Int64 = 5) async throws(LedgerError) {
        try await fixture.ledger.bookLost(of: "confirmations", in: partition, from: from, to: to, by: "test")
    }

    @Test(
        "they are booked, the position lies behind them with nothing noted before it, and the stop is over",
        arguments: LedgerMaker.all)
    func booked(maker: LedgerMaker) async throws {
        let fixture = try await stopped(maker)
        #expect(try await fixture.ledger.stops().map(\.position) == [1])
        try await book(fixture)
        let position = try #require(try await fixture.ledger.position(of: "confirmations", in: partition))
        #expect(position == Position(base: 0, next: 5, planned: 1, lost: 4))
        #expect(try await fixture.ledger.stops().isEmpty)
        #expect(try await fixture.number("SELECT count(*) FROM stopped_partitions") == 0)
        _ = try await fixture.ledger.takeIn(batch([event(2)], from: 5))
        #expect(try await fixture.ledger.position(of: "confirmations", in: partition)?.next == 6)
    }

    @Test(
        "nothing is booked where the worker has not stopped, has stopped elsewhere, or has gone on since",
        arguments: LedgerMaker.all)
    func refused(maker: LedgerMaker) async throws {
        let fixture = try await stopped(maker)
        func isRefused(from: Int64, to: Int64 = 9) async -> LedgerError.Code? {
            await #expect(throws: LedgerError.self) { try await book(fixture, from: from, to: to) }?.code
        }
        #expect(await isRefused(from: 0) == .fenced)
        #expect(await isRefused(from: 2) == .fenced)
        #expect(await isRefused(from: 1, to: 1) == .other)
        // Somebody has brought the records back, and the worker has read on before it forgot the stop.
        _ = try await fixture.ledger.takeIn(batch([event(2)], from: 1))
        #expect(await isRefused(from: 1) == .fenced)
        try await fixture.ledger.forgetStop(of: "confirmations", in: partition)
        #expect(await isRefused(from: 2) == .fenced)
        #expect(try await fixture.ledger.position(of: "confirmations", in: partition)?.lost == 0)
        try await book(try await stopped(maker))
    }

    @Test("booking twice at once counts them once", arguments: LedgerMaker.shared)
    func twice(maker: LedgerMaker) async throws {
        let fixture = try await stopped(maker)
        let other = try fixture.another()
        async let one: Void = book(fixture)
        async let two: Void = other.bookLost(of: "confirmations", in: partition, from: 1, to: 5, by: "test")
        var refusals = 0
        do { try await one } catch { refusals += 1 }
        do { try await two } catch { refusals += 1 }
        #expect(refusals == 1)
        #expect(try await fixture.ledger.position(of: "confirmations", in: partition)?.lost == 4)
        await other.close()
    }

    @Test("a worker's positions are read together, those of one cluster", arguments: LedgerMaker.all)
    func positions(maker: LedgerMaker) async throws {
        let fixture = try await stopped(maker)
        var elsewhere = partition
        elsewhere.partition = 4
        _ = try await fixture.ledger.position(of: "confirmations", in: elsewhere, base: 7)
        _ = try await fixture.ledger.position(of: "crm", in: elsewhere, base: 8)
        var foreign = partition
        foreign.cluster = "other"
        _ = try await fixture.ledger.position(of: "confirmations", in: foreign, base: 9)
        let positions = try await fixture.ledger.positions(of: "confirmations", cluster: "c")
        #expect(positions.mapValues(\.next) == [partition: 1, elsewhere: 7])
        #expect(try await positions[partition] == fixture.ledger.position(of: "confirmations", in: partition))
    }
}
