import Kafka
import Ledger
import Support
import Telemetry
import Testing

@testable import Intake

@Suite("A stopped partition") struct StoppedPartitionTests {
    private let partition = TopicPartition(topic: "orders", partition: 0)
    private let lost = LostPlace(source, at: 0, "another log", remedy: "bring it back")

    private func metric(_ fixture: IntakeFixture, _ name: String) -> String? {
        fixture.context.metrics.rendered().split(separator: "\n").first {
            $0.hasPrefix("orderrelay_intake_\(name){")
        }.flatMap { $0.split(separator: " ").last.map(String.init) }
    }

    private func stops(_ fixture: IntakeFixture) async throws -> [StoppedPartition] {
        try await fixture.ledger.stops(in: "orders", partition: 0)
    }

    @Test("it is noted in the ledger, and its lag is measured on while the log grows")
    func told() async throws {
        let fixture = try await IntakeFixture()
        let end = Shared<Int64>(9)
        let owner = fixture.owner { 0..<end.now }
        await owner.partitionStopped(partition, error: lost)
        #expect(try await stops(fixture).map(\.why) == [lost.description])
        #expect((metric(fixture, "partition_stopped"), metric(fixture, "lag_records")) == ("1", "9"))
        end.now = 12
        await owner.look()
        #expect(metric(fixture, "lag_records") == "12")
    }

    @Test("what cannot be noted or measured at once is at a later look")
    func away() async throws {
        let fixture = try await IntakeFixture()
        let isAway = Shared(true)
        let owner = fixture.owner { () throws(KafkaError) in
            if isAway.now { throw KafkaError(.unreachable, "away", isRetriable: true) }
            return 0..<9
        }
        fixture.database.next.now = [.away]
        await owner.partitionStopped(partition, error: lost)
        #expect(try await stops(fixture).isEmpty)
        #expect(owner.stopped == [partition: lost.description], "that the ledger is away changes nothing here")
        await owner.look()
        #expect(try await stops(fixture).count == 1)
        #expect(metric(fixture, "lag_records") == nil, "Kafka is away still")
        isAway.now = false
        await owner.look()
        #expect(metric(fixture, "lag_records") == "9")
    }

    @Test("one that only waits for the ledger or Kafka is read again soon: there is nothing to note")
    func forNow() async throws {
        let fixture = try await IntakeFixture()
        let owner = fixture.owner { 0..<9 }
        await owner.partitionStopped(partition, error: LedgerError(.unavailable, "away"))
        await owner.look()
        #expect(try await stops(fixture).isEmpty)
        #expect(metric(fixture, "partition_stopped") == "1")
    }

    @Test("once it is read again nothing reports it any more, whichever process had reported that it stopped")
    func readAgain() async throws {
        let fixture = try await IntakeFixture()
        let range = Shared<Range<Int64>>(4..<9)
        let (owner, other) = (fixture.owner { range.now }, fixture.owner { range.now })
        let error = await #expect(throws: LostPlace.self) { _ = try await owner.start(of: partition) }
        await owner.partitionStopped(partition, error: try #require(error))
        #expect(try await stops(fixture).first?.why.contains("records 0 to 3 were deleted") == true)
        // The records were brought back from a copy.
        range.now = 0..<10
        #expect(try await other.start(of: partition) == .offset(0))
        #expect(try await stops(fixture).isEmpty)
        #expect((metric(fixture, "partition_stopped"), metric(fixture, "lag_records")) == ("0", "10"))
        await owner.look()
        #expect(try await stops(fixture).isEmpty, "the process that had stopped does not say so again")
    }

    @Test("what is read again while it is being noted has no note afterwards")
    func readAgainMeanwhile() async throws {
        let fixture = try await IntakeFixture()
        let owner = fixture.owner { 0..<9 }
        fixture.database.meanwhile.now = { _ = try? await owner.start(of: partition) }
        await owner.partitionStopped(partition, error: lost)
        #expect(owner.stopped.isEmpty)
        #expect(try await stops(fixture).isEmpty)
    }

    @Test("one whose position somebody has moved is started once more")
    func moved() async throws {
        let fixture = try await IntakeFixture()
        let restarted = Shared<[TopicPartition]>([])
        let owner = fixture.owner(offsets: 4..<9, restart: { partition in restarted.change { $0.append(partition) } })
        let error = await #expect(throws: LostPlace.self) { _ = try await owner.start(of: partition) }
        await owner.partitionStopped(partition, error: try #require(error))
        await owner.look()
        #expect(restarted.now.isEmpty)
        try await fixture.ledger.bookLost(of: "confirmations", in: source, from: 0, to: 4, by: "test")
        #expect(owner.stopped.count == 1)
        await owner.look()
        #expect(restarted.now == [partition])
        #expect(try await owner.start(of: partition) == .offset(4))
        #expect(owner.stopped.isEmpty)
        await owner.look()
        #expect(restarted.now == [partition])
    }

    @Test("one whose last records the ledger lost in a failover is started once more, and no older ledger's")
    func wentBack() async throws {
        let fixture = try await IntakeFixture()
        let restarted = Shared<[TopicPartition]>([])
        let owner = fixture.owner(offsets: 0..<9, restart: { partition in restarted.change { $0.append(partition) } })
        await owner.partitionStopped(partition, error: WentBack(source: source, known: 9, there: 7))
        #expect(restarted.now == [partition])
        #expect(owner.stopped.isEmpty, "nobody needs to act")
        #expect(metric(fixture, "went_back_total") == "1")
        fixture.context.beat.saw(100)
        await #expect(throws: LostPlace.self) { _ = try await owner.start(of: partition) }
    }

    @Test("a partition that went to another process is that one's to tell of")
    func goneElsewhere() async throws {
        let fixture = try await IntakeFixture()
        let owner = fixture.owner { 0..<9 }
        owner.assigned([partition])
        await owner.partitionStopped(partition, error: lost)
        owner.assigned([])
        #expect(owner.stopped.isEmpty)
        #expect((metric(fixture, "partition_stopped"), metric(fixture, "lag_records")) == ("0", "0"))
        // What was asked for an earlier assignment fails only now.
        await owner.partitionStopped(partition, error: lost)
        #expect(owner.stopped.isEmpty && metric(fixture, "partition_stopped") == "0")
    }
}
