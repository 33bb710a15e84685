import Crypto
import Delivery
import HTTP
import Intake
import Ledger
import Orders
import Outbound
import Sandbox
import Synchronization
import Telemetry

@testable import CRM

/// The ledger's part, in memory.
final class MemoryLedger: OutboundLedger {
    struct State {
        var connections: [Connection]
        var links: [String: String] = [:]
        var leases: [String: (owner: String, until: ContinuousClock.Instant)] = [:]
        var fails = false
        var reads = 0
    }
    let state: Mutex<State>
    init(_ connections: [Connection]) { state = Mutex(State(connections: connections)) }

    func connections(account: String?) async throws(LedgerError) -> [Connection] {
        try check()
        return state.withLock { state in
            state.reads += 1
            return state.connections.filter { account == nil || $0.account == account }
        }
    }
    func link(connection: String, ours: String) async throws(LedgerError) -> String? {
        try check()
        return state.withLock { $0.links["\(connection) \(ours)"] }
    }
    func putLink(connection: String, ours: String, theirs: String) async throws(LedgerError) {
        try check()
        state.withLock { $0.links["\(connection) \(ours)"] = theirs }
    }
    func note(_ links: [Link]) {
        state.withLock { state in
            for link in links { state.links["\(link.connection) \(link.ours)"] = link.theirs }
        }
    }
    func takeLease(_ name: String, owner: String, milliseconds: Int64) async throws(LedgerError) -> Bool {
        try check()
        return state.withLock { state in
            if let held = state.leases[name], held.owner != owner, held.until > .now { return false }
            state.leases[name] = (owner, .now + .milliseconds(milliseconds))
            return true
        }
    }
    private func check() throws(LedgerError) {
        if state.withLock({ $0.fails }) { throw LedgerError(.unavailable, "the database is locked") }
    }
}

/// An adapter whose outcomes' links are noted, as the engine does when it closes a row.
struct Noting: Adapter {
    let kind = "email"
    private let adapter: any Adapter
    private let ledger: MemoryLedger
    var timeout: Duration { adapter.timeout }
    var concurrency: Int { adapter.concurrency }

    init(_ adapter: any Adapter, in ledger: MemoryLedger) {
        self.adapter = adapter
        self.ledger = ledger
    }

    func attempt(_ attempt: Attempt) async -> Outcome {
        let outcome = await adapter.attempt(attempt)
        if case .done(_, _, let links) = outcome { ledger.note(links) }
        return outcome
    }
}

/// Events of one order, as they come.
struct Story {
    let order: OrderID
    var events: [Event] = []

    init(
        _ number: Int, email: String? = "hanna@example.com", phone: String? = nil,
        change: (inout OrderDraft) -> Void = { _ in }
    ) {
        order = OrderID(account: "shop", .external(id: "\(number)", source: nil))
        var draft = OrderDraft(locale: .uk)
        draft.title = "Курс"
        draft.externalID = "\(number)"
        draft.price = Money(minorUnits: 149_950, currency: Currency("UAH")!)
        draft.buyer = Buyer(name: "Ганна Марія Коваль", email: email, phone: phone)
        change(&draft)
        add(.created(draft))
    }

    mutating func add(_ content: Event.Content) {
        let time = Timestamp(milliseconds: 1_700_000_000_000 + Int64(events.count) * 1_000)
        events.append(
            Event(
                id: "\(order.text).\(events.count)", account: "shop", order: order, time: time,
                digest: sha256([UInt8(events.count)]), traceparent: nil, content: content))
    }

    func attempt(_ number: Int = 0, isOutcomeUnknown: Bool = false, timeout: Duration = .seconds(20)) -> Attempt {
        Attempt(
            delivery: LeasedDelivery(
                id: Int64(order.text.hashValue & 0xffff), worker: "crm", destination: "crm/c1",
                eventID: events.last!.id,
                key: order.text, attempt: number, leaseNumber: Int64(number + 1), isOutcomeUnknown: isOutcomeUnknown),
            event: events.last!, history: events, timeout: timeout)
    }
}

/// A sandbox that runs, and an adapter that brings orders to it.
final class Shop: Sendable {
    let sandbox: SandboxProcess
    let client = Client()
    let ledger: MemoryLedger
    let adapter: any Adapter
    static let secret = "pat-eu1-hidden"

    init() async throws {
        var settings = SandboxSettings()
        settings.token = Self.secret
        sandbox = SandboxProcess(settings, log: Log(process: "test", write: { _ in }))
        try await sandbox.start()
        ledger = MemoryLedger([
            Connection(
                id: "c1", account: "shop", kind: "hubspot", url: "http://127.0.0.1:\(sandbox.httpPort!)/",
                secret: .opened(Self.secret),
                since: Timestamp(milliseconds: 0))
        ])
        adapter = Noting(CRMWorker(ledger: ledger, client: client).adapter(for: "crm/c1")!, in: ledger)
    }

    func stop() async {
        client.close()
        await sandbox.stop(by: .now + .seconds(1))
    }

    var deals: [SandboxCRM.Entry] { sandbox.crm.entries(of: "deals", limit: 1_000) }
    var contacts: [SandboxCRM.Entry] { sandbox.crm.entries(of: "contacts", limit: 1_000) }
    func fail(_ what: CRMFaults.What, times: Int = 1, path: String = "/crm/") {
        sandbox.crm.faults.add(.init(what, times: times, path: path))
    }
}

/// Runs `body` with a shop, and closes it after.
func withShop(_ body: (Shop) async throws -> Void) async throws {
    let shop = try await Shop()
    do {
        try await body(shop)
    } catch {
        await shop.stop()
        throw error
    }
    await shop.stop()
}

extension Outcome {
    var receipt: [String: String]? { if case .done(_, let receipt, _) = self { receipt } else { nil } }
}
