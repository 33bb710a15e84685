import Orders
import Testing

@testable import Confirmations
@testable import Intake
@testable import Ledger

@Suite("What is confirmed")
struct PlannerTests {
    private func disposition(_ event: Event, isConflict: Bool = false) async throws -> Disposition {
        let source = LogPartition(cluster: "c", topic: "orders", partition: 0)
        let plannable = PlannableEvent(
            event: event, value: event.encoded().value, source: source, offset: 7, isConflict: isConflict)
        return try #require(try await ConfirmationsPlanner(channels: [EmailChannel.self]).plan([plannable]).first)
            .disposition
    }

    @Test("an order with an e-mail address is confirmed by e-mail")
    func created() async throws {
        #expect(try await disposition(Samples.created()) == .planned([PlannedDelivery(destination: "email")]))
    }

    @Test("isNotifyAccount=false is a row that says so, not silence")
    func notWanted() async throws {
        let event = Samples.created(Samples.draft { $0.isNotifyAccount = false })
        #expect(
            try await disposition(event)
                == .planned([PlannedDelivery(destination: "email", declined: "isNotifyAccount=false")]))
    }

    @Test("an order without an address is skipped, with the reason")
    func noAddress() async throws {
        let event = Samples.created(Samples.draft { $0.buyer.email = nil })
        #expect(try await disposition(event) == .skipped(reason: "no address"))
    }

    @Test("changes that are confirmed are planned, others are skipped with the reason")
    func changes() async throws {
        let email = Disposition.planned([PlannedDelivery(destination: "email")])
        #expect(try await disposition(Samples.paid()) == email)
        for status in [OrderStatus.success, .failed, .refunded] {
            #expect(try await disposition(Samples.event("u", .updated(OrderChange(status: status)))) == email)
        }
        #expect(try await disposition(Samples.event("r", .refunded(OrderChange()))) == email)
        let price = OrderChange(price: Money(minorUnits: 1, currency: Samples.uah))
        #expect(try await disposition(Samples.event("u", .updated(price))) == .skipped(reason: "nothing to confirm"))
        let pending = Samples.event("u", .updated(OrderChange(status: .pending)))
        #expect(try await disposition(pending) == .skipped(reason: "nothing to confirm"))
    }

    @Test("a conflict is never confirmed")
    func conflict() async throws {
        #expect(try await disposition(Samples.created(), isConflict: true) == .skipped(reason: "conflict"))
    }
}

@Suite("Deciding from an order's history")
struct NoticeTests {
    private func decide(_ events: [Event]) -> Notice.Decision {
        Notice.deciding(events.last!, history: events, by: EmailChannel.self)
    }

    private func declined(_ decision: Notice.Decision) -> String? {
        if case .declined(let why) = decision { why.text } else { nil }
    }

    @Test("a payment is confirmed to the buyer whom the order's creation names")
    func paid() throws {
        guard case .tell(let notice) = decide([Samples.created(), Samples.paid()]) else {
            Issue.record("declined")
            return
        }
        #expect(notice.kind == .paid && notice.address == "olena.koval@example.com")
        #expect(notice.order.status == .success)
    }

    @Test("the event itself counts where the history ends before it")
    func historyWithoutIt() {
        guard
            case .tell(let notice) = Notice.deciding(
                Samples.paid(), history: [Samples.created()], by: EmailChannel.self)
        else {
            Issue.record("declined")
            return
        }
        #expect(notice.order.status == .success)
    }

    @Test("the same state is not confirmed twice")
    func twice() {
        let update = Samples.event("updated.1", .updated(OrderChange(status: .success)))
        #expect(declined(decide([Samples.created(), update, Samples.paid()])) == "the order was SUCCESS already")
    }

    @Test("what the order's creation does not want or allow is declined, with the planner's reasons")
    func declines() {
        let unwanted = Samples.created(Samples.draft { $0.isNotifyAccount = false })
        #expect(declined(decide([unwanted, Samples.paid()])) == "isNotifyAccount=false")
        let unknown = Samples.created(Samples.draft { $0.buyer.email = nil })
        #expect(declined(decide([unknown, Samples.paid()])) == "no address")
        #expect(declined(decide([Samples.paid()])) == "the order's creation is not known")
    }
}
