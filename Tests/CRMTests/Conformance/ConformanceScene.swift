import Delivery
import HTTP
import Ledger
import Orders
import Sandbox
import Synchronization
import Testing

@testable import CRM

/// A CRM and an adapter that brings orders to it, as the conformance tests need them.
protocol ConformanceScene: Sendable {
    var ledger: MemoryLedger { get }
    var adapter: any Adapter { get }
    /// The stages of an order that is new, and of one that is paid.
    var stages: (new: String, paid: String) { get }
    var allDeals: [(id: String, contacts: [String])] { get }
    var contactIDs: [String] { get }
    /// Everything there is forgotten.
    func clear()
    /// The next create of a contact is done, and its answer lost.
    func loseCreate()
    func stop() async
}

extension Shop: ConformanceScene {
    var stages: (new: String, paid: String) { ("appointmentscheduled", "closedwon") }
    var allDeals: [(id: String, contacts: [String])] {
        sandbox.crm.entries(of: "deals", limit: 1_000).map { ($0.id, $0.contacts) }
    }
    var contactIDs: [String] { sandbox.crm.entries(of: "contacts", limit: 1_000).map(\.id) }
    func clear() { sandbox.crm.clear() }
    func loseCreate() {
        // The search comes before the create, under the same path.
        fail(.slow(milliseconds: 1), path: "/crm/v3/objects/contacts/search")
        fail(.closeDone, path: "/crm/v3/objects/contacts")
    }
}

final class NotebookScene: ConformanceScene {
    let ledger: MemoryLedger
    let adapter: any Adapter
    private let client = Client()
    private let address = "\(Notebook.address)/\(UInt64.random(in: 0...UInt64.max))"

    init() {
        ledger = MemoryLedger([
            Connection(
                id: "c1", account: "shop", kind: Notebook.kind, url: address, secret: "s",
                since: Timestamp(milliseconds: 0))
        ])
        adapter = Noting(
            CRMWorker(ledger: ledger, client: client, dialects: [Notebook.self]).adapter(for: "crm/c1")!, in: ledger)
    }

    private func page<R: Sendable>(_ body: (inout Notebook.Page) -> R) -> R {
        Notebook.pages.withLock { pages in body(&pages[address, default: Notebook.Page()]) }
    }
    var stages: (new: String, paid: String) { (OrderStatus.pending.rawValue, OrderStatus.success.rawValue) }
    var allDeals: [(id: String, contacts: [String])] {
        page { page in page.deals.map { ($0.key, $0.value.contacts.sorted()) } }
    }
    var contactIDs: [String] { page { page in page.contacts.keys.sorted() } }
    func clear() { page { $0 = Notebook.Page() } }
    func loseCreate() { page { $0.losesCreate = true } }
    func stop() async { client.close() }
}

/// The CRMs that the suite is run with.
enum ConformanceCase: String, CaseIterable, Sendable {
    case hubSpot, notebook

    func run(_ body: (any ConformanceScene) async throws -> Void) async throws {
        let scene: any ConformanceScene
        switch self {
        case .hubSpot: scene = try await Shop()
        case .notebook: scene = NotebookScene()
        }
        do {
            try await body(scene)
        } catch {
            await scene.stop()
            throw error
        }
        await scene.stop()
    }
}
