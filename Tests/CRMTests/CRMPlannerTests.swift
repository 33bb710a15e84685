import Delivery
import Ledger
import Orders
import Outbound
import Synchronization
import Testing

@testable import CRM
@testable import Intake

@Suite struct CRMPlannerTests {
    private func connection(
        _ id: String, kind: String = "hubspot", isEnabled: Bool = true, since: Int64 = 0, account: String = "shop"
    ) -> Connection {
        Connection(
            id: id, account: account, kind: kind, url: "http://x", secret: "s", isEnabled: isEnabled,
            since: Timestamp(milliseconds: since))
    }

    private func plannable(isConflict: Bool) -> PlannableEvent {
        let event = Story(1).events[0]
        return PlannableEvent(
            event: event, value: event.encoded().value,
            source: LogPartition(cluster: "k", topic: "orders", partition: 0), offset: 0, isConflict: isConflict)
    }

    private func plan(_ connections: [Connection], isConflict: Bool = false) async throws -> Disposition {
        let ledger = MemoryLedger(connections)
        let planner = CRMPlanner(
            connections: ConnectionCache { try await ledger.connections(account: $0) }, kinds: ["hubspot"])
        let event = plannable(isConflict: isConflict)
        let plans = try await planner.plan([event])
        return plans[0].disposition
    }

    @Test("an order goes to each CRM that its account is connected to")
    func connected() async throws {
        let plan = try await plan([connection("a"), connection("b"), connection("c", account: "other")])
        #expect(plan == .planned([PlannedDelivery(destination: "crm/a"), PlannedDelivery(destination: "crm/b")]))
    }

    @Test("not to one that is switched off, of an unknown kind, or younger than the order")
    func notConnected() async throws {
        let plan = try await plan([
            connection("off", isEnabled: false), connection("what", kind: "abacus"),
            connection("late", since: 1_700_000_000_001),
        ])
        #expect(plan == .skipped(reason: "no connection"))
        let equal = try await self.plan([connection("now", since: 1_700_000_000_000)])
        #expect(equal == .planned([PlannedDelivery(destination: "crm/now")]))
    }

    @Test("a conflict goes nowhere")
    func conflict() async throws {
        #expect(try await plan([connection("a")], isConflict: true) == .skipped(reason: "conflict"))
    }

    @Test("connections are asked for at most every two seconds, and are no older")
    func cache() async throws {
        let ledger = MemoryLedger([connection("a")])
        let time = Mutex(ContinuousClock.now)
        let cache = ConnectionCache(now: { time.withLock { $0 } }) { try await ledger.connections(account: $0) }
        for _ in 0..<3 { #expect(try await cache.value("shop").map(\.id) == ["a"]) }
        #expect(ledger.state.withLock { $0.reads } == 1)
        ledger.state.withLock { $0.connections = [] }
        time.withLock { $0 += .milliseconds(1_999) }
        #expect(try await cache.value("shop").count == 1)
        time.withLock { $0 += .milliseconds(1) }
        #expect(try await cache.value("shop").isEmpty)
        #expect(cache.lastKnown { $0.first { $0.id == "a" } } == nil)
    }

    @Test("a ledger that is away makes the batch fail, so that it is tried again")
    func ledgerAway() async throws {
        let ledger = MemoryLedger([connection("a")])
        ledger.state.withLock { $0.fails = true }
        let planner = CRMPlanner(
            connections: ConnectionCache { try await ledger.connections(account: $0) }, kinds: ["hubspot"])
        let event = plannable(isConflict: false)
        await #expect(throws: LedgerError.self) { _ = try await planner.plan([event]) }
    }
}
