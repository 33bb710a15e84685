import Ledger
import Orders
import Support
import Testing

@Suite("Stopped partitions in the ledger") struct StopTests {
    private func stops(_ fixture: Fixture) async throws -> [StoppedPartition] {
        try await fixture.ledger.stops(in: "orders", partition: 3)
    }

    @Test(
        "a stop is read as it was noted, with the worker's position, for its own partition only",
        arguments: LedgerMaker.all)
    func noted(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        _ = try await fixture.ledger.position(of: "analytics", in: partition, base: 7)
        #expect(try await stops(fixture).isEmpty)
        try await fixture.ledger.noteStop(of: "analytics", in: partition, why: "another log")
        let expected = StoppedPartition(
            worker: "analytics", source: partition, position: 7, why: "another log",
            since: Timestamp(milliseconds: Fixture.start))
        #expect(try await stops(fixture) == [expected])
        #expect(try await fixture.ledger.stops(in: "orders", partition: 2).isEmpty)
        #expect(try await fixture.ledger.stops(in: "people", partition: 3).isEmpty)
    }

    @Test("stopping again at the same position keeps the time, at another one does not", arguments: LedgerMaker.all)
    func since(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        _ = try await fixture.ledger.position(of: "confirmations", in: partition, base: 0)
        try await fixture.ledger.noteStop(of: "confirmations", in: partition, why: "one")
        fixture.clock.advance(1000)
        try await fixture.ledger.noteStop(of: "confirmations", in: partition, why: "two")
        var stop = try #require(try await stops(fixture).first)
        #expect((stop.why, stop.since.milliseconds) == ("two", Fixture.start))
        _ = try await fixture.ledger.takeIn(batch([event(1)]))
        fixture.clock.advance(1000)
        try await fixture.ledger.noteStop(of: "confirmations", in: partition, why: "three")
        stop = try #require(try await stops(fixture).first)
        #expect((stop.position, stop.why, stop.since.milliseconds) == (1, "three", Fixture.start + 2000))
    }

    @Test(
        "what is read again is no stop: after it was said, and where another process has moved the position on",
        arguments: LedgerMaker.all)
    func over(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        _ = try await fixture.ledger.position(of: "confirmations", in: partition, base: 0)
        try await fixture.ledger.noteStop(of: "confirmations", in: partition, why: "x")
        // Another process took something in before it said so, or before the first one's note came.
        _ = try await fixture.ledger.takeIn(batch([event(1)]))
        #expect(try await stops(fixture).isEmpty)
        try await fixture.ledger.noteStop(of: "confirmations", in: partition, why: "x")
        #expect(try await stops(fixture).count == 1)
        try await fixture.ledger.forgetStop(of: "confirmations", in: partition)
        #expect(try await stops(fixture).isEmpty)
        #expect(try await fixture.number("SELECT count(*) FROM stopped_partitions") == 0)
    }

    @Test(
        "a worker that reads the same partition of another cluster has left the old one's stop behind",
        arguments: LedgerMaker.all)
    func otherCluster(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        try await fixture.ledger.noteStop(of: "crm", in: partition, why: "x")
        #expect(try await stops(fixture).map(\.position) == [-1], "the ledger knows no position")
        var other = partition
        other.cluster = "other"
        try await fixture.ledger.forgetStop(of: "crm", in: other)
        #expect(try await stops(fixture).isEmpty)
    }

    @Test(
        "a partition has as many readers as workers run that read it and have not stopped there",
        arguments: LedgerMaker.all)
    func readers(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        for worker in ["analytics", "confirmations", "gone"] {
            _ = try await ledger.position(of: worker, in: partition, base: 0)
        }
        for (process, worker) in [("1", "analytics"), ("2", "confirmations"), ("3", "confirmations"), ("4", "crm")] {
            try await ledger.heartbeat(process: process, worker: worker)
        }
        #expect(try await ledger.readers(of: partition) == 2, "neither one that is gone nor one that never read it")
        try await ledger.noteStop(of: "analytics", in: partition, why: "x")
        #expect(try await ledger.readers(of: partition) == 1)
        fixture.clock.advance(20_000)
        #expect(try await ledger.readers(of: partition) == 0, "whose heartbeats have ended")
    }

    @Test("a reason that is too long is cut", arguments: LedgerMaker.all)
    func long(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        try await fixture.ledger.noteStop(of: "crm", in: partition, why: String(repeating: "x", count: 5000))
        #expect(try await stops(fixture).first?.why.count == 1000)
    }
}
