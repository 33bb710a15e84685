import Access
import Kafka
import Ledger
import Support
import Testing

@testable import Control

@Suite("From the ledger to topic control", .timeLimit(.minutes(1)))
struct OutboxTests {
    @Test("what was put into the ledger is on the topic once, and the outbox is empty then")
    func once() async throws {
        let control = try await ControlBroker()
        try await control.ledger.put(AccountRecord(id: "shop", name: "A shop"))
        try await control.ledger.put(tokenRecord("t1"))
        try await control.drain()
        #expect(try await control.ledger.outbox(limit: 10).isEmpty)
        try await control.drain()
        #expect(try await control.records() == 2)
        let replica = control.replica()
        try await replica.start()
        #expect(replica.account("shop")?.name == "A shop")
        #expect(replica.token("t1") == tokenRecord("t1"))
        await control.stop(replica)
    }

    @Test("a crash between publishing and forgetting publishes again, and nothing old comes back by it")
    func again() async throws {
        let control = try await ControlBroker()
        try await control.ledger.put(tokenRecord("t1"))
        // A process publishes what waits, and dies.
        let held = try await control.ledger.outbox(limit: 10)
        for entry in held { try await control.publish(entry.key, entry.value) }
        var revoked = tokenRecord("t1")
        revoked.revokedAt = 5
        try await control.ledger.put(revoked)
        try await control.drain(as: "another")
        #expect(try await control.records() == 3)
        // And its last send arrives late: the older version, after the newer one.
        for entry in held { try await control.publish(entry.key, entry.value) }
        let replica = control.replica()
        try await replica.start()
        #expect(replica.token("t1")?.revokedAt == 5)
        #expect(control.counted("stale"))
        await control.stop(replica)
    }

    @Test("one process drains at a time; a dead one's turn ends with its lease")
    func lease() async throws {
        let control = try await ControlBroker()
        try await control.ledger.put(tokenRecord("t1"))
        #expect(try await control.ledger.takeLease("outbox", owner: "dead", milliseconds: 5_000))
        try await control.drain(as: "living")
        #expect(try await control.records() == 0)
        control.wait(milliseconds: 5_001)
        try await control.drain(as: "living")
        #expect(try await control.records() == 1)
        await control.stop()
    }

    @Test("a revocation holds within 2 s in every replica that runs")
    func revocation() async throws {
        let control = try await ControlBroker()
        try await control.ledger.put(tokenRecord("t1"))
        let drainer = OutboxDrainer(
            ledger: control.ledger, properties: control.broker.properties, owner: "worker", log: control.log)
        try await drainer.start()
        let (one, other) = (control.replica(), control.replica())
        try await one.start()
        try await other.start()
        try await eventually("the token") { one.token("t1") != nil && other.token("t1") != nil }
        var revoked = tokenRecord("t1")
        revoked.revokedAt = 5
        try await control.ledger.put(revoked)
        try await eventually("the revocation", within: .seconds(2)) {
            one.token("t1")?.revokedAt == 5 && other.token("t1")?.revokedAt == 5
        }
        await drainer.stop(by: .now + .seconds(2))
        await control.stop(one, other)
    }

    @Test("a rotated token and its replacement share one limit, and both are known during the overlap")
    func rotation() async throws {
        let control = try await ControlBroker()
        try await control.ledger.put(LimitSetting(limitID: limitID, limit: 50))
        try await control.ledger.put(tokenRecord("old"))
        try await control.drain()
        let replica = control.replica()
        try await replica.start()
        var ending = tokenRecord("old")
        ending.revokedAt = 1_790_000_000_000 + 86_400_000
        try await control.ledger.put(tokenRecord("new"))
        try await control.ledger.put(ending)
        try await control.drain()
        try await eventually("both tokens") {
            replica.token("new") != nil && replica.token("old")?.revokedAt == ending.revokedAt
        }
        #expect(replica.token("new")?.limitID == replica.token("old")?.limitID)
        #expect(replica.token("old")?.version == 2)
        // The limit's number changes for both by one record.
        try await control.ledger.put(LimitSetting(limitID: limitID, limit: 60))
        try await control.drain()
        try await eventually("the new number") { replica.limit(limitID)?.limit == 60 }
        await control.stop(replica)
    }
}
