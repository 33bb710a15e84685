import Delivery
import Orders
import Sandbox
import Synchronization
import Testing

@testable import CRM

/// Each fault of the CRM: what the attempt comes to, that it leaves no second deal or contact, and no secret in its
/// words.
@Suite struct HubSpotFaultTests {
    enum Kind: Equatable {
        case retry(Duration?)
        case configuration, unknown, done
    }

    private static func kind(_ outcome: Outcome) -> (kind: Kind?, words: String) {
        switch outcome {
        case .retry(let after, let why): (.retry(after), why)
        case .configuration(let why): (.configuration, why)
        case .unknown(let why): (.unknown, why)
        case .done(let answer, _, _): (.done, answer)
        case .permanent(let why), .declined(let why): (nil, why)
        }
    }

    static let cases: [(fault: CRMFaults.What, kind: Kind)] = [
        (.status(401), .configuration), (.status(403), .configuration), (.status(409), .retry(nil)),
        (.rateLimited(daily: false, retryAfter: 2), .retry(.seconds(2))),
        (.rateLimited(daily: false, retryAfter: nil), .retry(.seconds(10))),
        (.rateLimited(daily: true, retryAfter: nil), .retry(.seconds(3_600))), (.status(500), .retry(nil)),
        (.status(502), .retry(nil)),
        (.status(503), .retry(nil)), (.status(504), .retry(nil)), (.redirect, .configuration), (.close, .unknown),
        (.closeDone, .unknown), (.half, .unknown), (.huge, .unknown), (.hang, .unknown), (.hangDone, .unknown),
        (.slow(milliseconds: 50), .done),
    ]

    @Test(
        "at the deal: the outcome is the right one, and after the repeat there is one deal with one contact",
        arguments: cases)
    func atTheDeal(fault: CRMFaults.What, kind: Kind) async throws {
        try await withShop { shop in
            let story = Story(1)
            let outcome = await faulted(shop, story, fault, path: "/crm/v3/objects/deals/batch")
            let (seen, words) = Self.kind(outcome)
            #expect(seen == kind, "\(outcome)")
            #expect(!words.contains(Shop.secret) && !words.contains("hanna"), "\(words)")
            try await repeated(shop, story, isOutcomeUnknown: kind == .unknown)
        }
    }

    @Test("at the contact by e-mail", arguments: cases)
    func atTheContact(fault: CRMFaults.What, kind: Kind) async throws {
        try await withShop { shop in
            let story = Story(1)
            let outcome = await faulted(shop, story, fault, path: "/crm/v3/objects/contacts")
            // A conflict names the contact that is there, and the order goes on to it (there is none in this case).
            if fault != .status(409) { #expect(Self.kind(outcome).kind == kind, "\(outcome)") }
            try await repeated(shop, story, isOutcomeUnknown: kind == .unknown)
        }
    }

    @Test(
        "at the create of a contact by phone, which nothing but us keeps from being done twice",
        arguments: [CRMFaults.What.closeDone, .half, .hangDone, .close, .status(504)])
    func atThePhone(fault: CRMFaults.What) async throws {
        try await withShop { shop in
            let story = Story(1, email: nil, phone: "+380671234567")
            let lets = CRMFaults.Fault(.slow(milliseconds: 1), path: "/crm/v3/objects/contacts/search")
            shop.sandbox.crm.faults.add(lets)
            let outcome = await faulted(shop, story, fault, path: "/crm/v3/objects/contacts")
            #expect(Self.kind(outcome).kind == .unknown, "\(outcome)")
            // Another order of the same buyer waits while the create is in doubt.
            let other = await shop.adapter.attempt(Story(2, email: nil, phone: "+380671234567").attempt())
            #expect(other == .retry(after: .seconds(10), why: "another order is creating the same contact"))
            shop.ledger.state.withLock { $0.leases = [:] }
            try await repeated(shop, story, isOutcomeUnknown: true)
            #expect(await shop.adapter.attempt(Story(2, email: nil, phone: "+380671234567").attempt(1)).receipt != nil)
            #expect(shop.contacts.count { $0.properties["phone"] == "+380671234567" } == 1)
        }
    }

    @Test(
        "at the association",
        arguments: [CRMFaults.What.closeDone, .close, .rateLimited(daily: false, retryAfter: 1), .status(500), .hang])
    func atTheAssociation(fault: CRMFaults.What) async throws {
        try await withShop { shop in
            let story = Story(1)
            let outcome = await faulted(shop, story, fault, path: "/crm/v4")
            #expect(outcome.receipt == nil)
            try await repeated(shop, story, isOutcomeUnknown: Self.kind(outcome).kind == .unknown)
        }
    }

    @Test("after an unknown outcome the deal is looked up before it is written again")
    func lookedUp() async throws {
        try await withShop { shop in
            let story = Story(1)
            _ = await shop.adapter.attempt(Story(99).attempt())
            shop.fail(.closeDone, path: "/crm/v3/objects/deals/batch")
            guard case .unknown = await shop.adapter.attempt(story.attempt()) else { return #expect(Bool(false)) }
            // The look is answered with a fault: so it is made, and nothing is written before it is answered.
            shop.fail(.status(503), path: "/crm/v3/objects/deals/\(story.order.text)")
            let before = shop.sandbox.crm.requestCount
            guard case .retry = await shop.adapter.attempt(story.attempt(1, isOutcomeUnknown: true)) else {
                return #expect(Bool(false))
            }
            #expect(shop.sandbox.crm.requestCount == before)
            try await repeated(shop, story, isOutcomeUnknown: true)
        }
    }

    @Test("a CRM that is not there is tried again")
    func notThere() async throws {
        try await withShop { shop in
            await shop.sandbox.stop(by: .now + .seconds(1))
            guard case .retry = await shop.adapter.attempt(Story(1).attempt()) else { return #expect(Bool(false)) }
        }
    }

    @Test("the ledger away in the middle ends the attempt, and the repeat finds what was made")
    func ledgerAway() async throws {
        try await withShop { shop in
            // A contact by phone is looked for under a lease, after the deal was made.
            let story = Story(1, email: nil, phone: "+380671234567")
            shop.fail(.slow(milliseconds: 100), path: "/crm/v3/objects/deals")
            let before = shop.sandbox.crm.requestCount
            async let outcome = shop.adapter.attempt(story.attempt())
            while shop.sandbox.crm.requestCount == before { await Task.yield() }
            shop.ledger.state.withLock { $0.fails = true }
            guard case .retry(.seconds(5)?, _) = await outcome else { return #expect(Bool(false)) }
            shop.ledger.state.withLock { $0.fails = false }
            try await repeated(shop, story, isOutcomeUnknown: false)
        }
    }

    /// One attempt that meets the fault once, on a path, in an account whose property exists already.
    private func faulted(_ shop: Shop, _ story: Story, _ fault: CRMFaults.What, path: String) async -> Outcome {
        let property = Story(77, email: "other@example.com")
        let waiting = shop.sandbox.crm.faults.waiting
        shop.sandbox.crm.faults.removeAll()
        _ = await shop.adapter.attempt(property.attempt())
        for fault in waiting { shop.sandbox.crm.faults.add(fault) }
        shop.fail(fault, path: path)
        // A hanging receiver is given up after the attempt's time: a short one here.
        return await shop.adapter.attempt(story.attempt(timeout: .milliseconds(600)))
    }

    private func repeated(_ shop: Shop, _ story: Story, isOutcomeUnknown: Bool) async throws {
        let outcome = await shop.adapter.attempt(story.attempt(1, isOutcomeUnknown: isOutcomeUnknown))
        let receipt = try #require(outcome.receipt, "\(outcome)")
        let deals = shop.deals.filter { $0.properties["orderrelay_order_id"] == story.order.text }
        #expect(deals.count == 1)
        let contact = try #require(receipt["contactId"])
        #expect(deals.first?.contacts == [contact])
        #expect(shop.contacts.count { $0.id == contact } == 1)
        #expect(shop.contacts.count { $0.properties["email"] == "hanna@example.com" } <= 1)
    }
}
