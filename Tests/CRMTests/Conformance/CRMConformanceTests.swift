import Delivery
import Orders
import Synchronization
import Testing

@testable import CRM

/// What must hold of every CRM, whatever its API is like.
@Suite struct CRMConformanceTests {
    private let phone = "+380671234567"

    @Test(
        "a new order is a contact and a deal, tied together; its payment moves the deal",
        arguments: ConformanceCase.allCases)
    func story(_ crm: ConformanceCase) async throws {
        try await crm.run { scene in
            var story = Story(1)
            let first = try #require(await scene.adapter.attempt(story.attempt()).receipt)
            let deal = try #require(scene.allDeals.first)
            #expect(first == ["dealId": deal.id, "contactId": scene.contactIDs[0], "stage": scene.stages.new])
            #expect(deal.contacts == scene.contactIDs)
            story.add(.paid(OrderChange()))
            let second = try #require(await scene.adapter.attempt(story.attempt()).receipt)
            #expect(second == ["dealId": deal.id, "contactId": scene.contactIDs[0], "stage": scene.stages.paid])
            #expect(scene.allDeals.count == 1 && scene.contactIDs.count == 1)
        }
    }

    @Test(
        "two orders of one buyer have one contact, by e-mail in any case and by phone",
        arguments: ConformanceCase.allCases, [true, false])
    func oneContact(_ crm: ConformanceCase, byEmail: Bool) async throws {
        try await crm.run { scene in
            for number in 1...2 {
                let story =
                    byEmail
                    ? Story(number, email: number == 1 ? "A@example.com" : "a@example.com")
                    : Story(number, email: nil, phone: phone)
                #expect(await scene.adapter.attempt(story.attempt()).receipt != nil)
            }
            #expect(scene.contactIDs.count == 1 && scene.allDeals.count == 2)
            #expect(Set(scene.allDeals.flatMap(\.contacts)) == Set(scene.contactIDs))
        }
    }

    @Test("a contact made by hand is found by its phone", arguments: ConformanceCase.allCases)
    func contactOfOthers(_ crm: ConformanceCase) async throws {
        try await crm.run { scene in
            _ = await scene.adapter.attempt(Story(1, email: "x@example.com", phone: phone).attempt())
            _ = await scene.adapter.attempt(Story(2, email: nil, phone: phone).attempt())
            #expect(scene.contactIDs.count == 1)
        }
    }

    @Test("an order with neither e-mail nor phone is a deal alone", arguments: ConformanceCase.allCases)
    func dealAlone(_ crm: ConformanceCase) async throws {
        try await crm.run { scene in
            let outcome = await scene.adapter.attempt(Story(1, email: nil).attempt())
            #expect(
                outcome
                    == .done(
                        answer: "deal without contact: the order has neither e-mail nor phone",
                        receipt: ["dealId": scene.allDeals[0].id, "stage": scene.stages.new]))
        }
    }

    @Test("repeating a whole attempt changes nothing", arguments: ConformanceCase.allCases)
    func repeated(_ crm: ConformanceCase) async throws {
        try await crm.run { scene in
            for story in [Story(1), Story(2, email: nil, phone: phone)] {
                for number in 0..<3 { #expect(await scene.adapter.attempt(story.attempt(number)).receipt != nil) }
            }
            #expect(scene.allDeals.count == 2 && scene.contactIDs.count == 2)
        }
    }

    @Test(
        "a deal deleted in the CRM, or a CRM begun again, gets everything once more",
        arguments: ConformanceCase.allCases)
    func begunAgain(_ crm: ConformanceCase) async throws {
        try await crm.run { scene in
            var story = Story(1, email: nil, phone: phone)
            _ = await scene.adapter.attempt(story.attempt())
            scene.clear()
            story.add(.paid(OrderChange()))
            #expect(await scene.adapter.attempt(story.attempt()).receipt?["stage"] == scene.stages.paid)
            #expect(scene.allDeals.count == 1 && scene.allDeals[0].contacts == scene.contactIDs)
        }
    }

    @Test(
        "while the create of a contact by phone is in doubt no other order makes it; the repeat finds what was made",
        arguments: ConformanceCase.allCases)
    func doubt(_ crm: ConformanceCase) async throws {
        try await crm.run { scene in
            let story = Story(1, email: nil, phone: phone)
            let other = Story(2, email: nil, phone: phone)
            // What a new account lacks is created before, by another order than the two.
            _ = await scene.adapter.attempt(Story(3, email: nil).attempt())
            scene.loseCreate()
            guard case .unknown = await scene.adapter.attempt(story.attempt()) else {
                Issue.record("a lost answer is not reported")
                return
            }
            #expect(
                await scene.adapter.attempt(other.attempt())
                    == .retry(after: .seconds(10), why: "another order is creating the same contact"))
            scene.ledger.state.withLock { $0.leases = [:] }
            #expect(await scene.adapter.attempt(story.attempt(1, isOutcomeUnknown: true)).receipt != nil)
            #expect(await scene.adapter.attempt(other.attempt(1)).receipt != nil)
            #expect(scene.contactIDs.count == 1)
        }
    }

    @Test("the ledger away ends the attempt, to be made again soon", arguments: ConformanceCase.allCases)
    func ledgerAway(_ crm: ConformanceCase) async throws {
        try await crm.run { scene in
            scene.ledger.state.withLock { $0.fails = true }
            #expect(
                await scene.adapter.attempt(Story(1).attempt())
                    == .retry(after: .seconds(5), why: "the connection could not be read from the ledger"))
            scene.ledger.state.withLock { $0.fails = false }
            #expect(await scene.adapter.attempt(Story(1).attempt()).receipt != nil)
        }
    }
}
