import Delivery
import Ledger
import Orders
import Sandbox
import Synchronization
import Testing

@testable import CRM

/// Against the sandbox CRM over real HTTP.
@Suite struct HubSpotSandboxTests {
    @Test("a new order is a contact and a deal, tied together; its payment moves the deal, in one request")
    func wholeStory() async throws {
        try await withShop { shop in
            var story = Story(1)
            let receipt = try #require(await shop.adapter.attempt(story.attempt()).receipt)
            let deal = try #require(shop.deals.first)
            #expect(receipt == ["dealId": deal.id, "contactId": shop.contacts[0].id, "stage": "appointmentscheduled"])
            #expect(deal.contacts == [shop.contacts[0].id])
            #expect(shop.contacts[0].properties["email"] == "hanna@example.com")
            #expect(deal.properties["amount"] == "1499.50")
            // Deal refused, property made, deal, contact, association: the first order of an account needs five.
            #expect(shop.sandbox.crm.requestCount == 5)
            story.add(.paid(OrderChange(price: Money(minorUnits: 99_900, currency: Currency("UAH")!))))
            let second = try #require(await shop.adapter.attempt(story.attempt()).receipt)
            #expect(second == ["dealId": deal.id, "contactId": shop.contacts[0].id, "stage": "closedwon"])
            #expect(shop.sandbox.crm.requestCount == 6)
            #expect(shop.deals.count == 1 && shop.contacts.count == 1)
            #expect(
                shop.deals[0].properties["dealstage"] == "closedwon" && shop.deals[0].properties["amount"] == "999.00")
        }
    }

    @Test("a connection that is gone, off, of another kind or unreadable is distinguished")
    func connections() async throws {
        try await withShop { shop in
            let story = Story(1)
            func outcome(_ change: (inout MemoryLedger.State) -> Void) async -> Outcome {
                let ledger = MemoryLedger(shop.ledger.state.withLock { $0.connections })
                ledger.state.withLock { change(&$0) }
                return await CRMWorker(ledger: ledger, client: shop.client).adapter(for: "crm/c1")!.attempt(
                    story.attempt())
            }
            #expect(await outcome { $0.connections = [] } == .declined(why: "the connection was removed"))
            #expect(
                await outcome { $0.connections[0].isEnabled = false }
                    == .configuration(why: "the connection is switched off"))
            #expect(
                await outcome { $0.connections[0].kind = "abacus" }
                    == .configuration(why: "this version does not support CRMs of kind abacus"))
            #expect(
                await outcome { $0.fails = true }
                    == .retry(after: .seconds(5), why: "the connection could not be read from the ledger"))
            #expect(
                await outcome { $0.connections[0].secret = "wrong" }
                    == .configuration(why: "401 INVALID_AUTHENTICATION: the access token is not accepted"))
            #expect(
                await outcome {
                    $0.connections[0].secret = .sealed(why: "the secret of connection c1 cannot be opened")
                }
                    == .configuration(why: "the secret of connection c1 cannot be opened"))
            guard case .configuration(let why) = await outcome({ $0.connections[0].secret = "a\r\nX-Evil: 1" }) else {
                Issue.record("a token with a line break was sent")
                return
            }
            #expect(!why.contains("X-Evil"))
            #expect(CRMWorker(ledger: shop.ledger, client: shop.client).adapter(for: "email") == nil)
        }
    }

    @Test("the events of an order without its creation cannot be brought")
    func noCreation() async throws {
        try await withShop { shop in
            var story = Story(1)
            story.add(.paid(OrderChange()))
            story.events.removeFirst()
            guard case .permanent = await shop.adapter.attempt(story.attempt()) else { return #expect(Bool(false)) }
        }
    }
}
