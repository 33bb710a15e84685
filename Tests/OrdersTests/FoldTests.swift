import Orders
import Testing

@Suite("What an order has come to")
struct FoldTests {
    @Test("events fold into the latest status, price and comments, and the first sale")
    func fold() throws {
        let state = try #require(
            OrderState.folding([
                event(.created(fullDraft), at: 1000),
                event(
                    .updated(OrderChange(price: Money(minorUnits: 7, currency: .uah), userComments: "call")), at: 2000),
                event(.paid(OrderChange(paymentDate: Timestamp(milliseconds: 5))), at: 3000),
                event(.refunded(OrderChange()), at: 4000), event(.paid(OrderChange()), at: 5000),
                event(.updated(OrderChange(status: .failed)), at: 4500),
            ]))
        #expect(state.id == orderID)
        #expect(state.account == "acme")
        #expect(state.draft == fullDraft)
        #expect(state.status == .failed)
        #expect(state.price == Money(minorUnits: 7, currency: .uah))
        #expect(state.userComments == "call")
        #expect(state.paymentDate == Timestamp(milliseconds: 5))
        #expect(state.createdAt == Timestamp(milliseconds: 1000))
        #expect(state.updatedAt == Timestamp(milliseconds: 5000))
        #expect(state.soldAt == Timestamp(milliseconds: 3000))
        #expect(state.isSale)
    }

    @Test("a refund is no sale, whatever status it carries")
    func refund() throws {
        let state = try #require(
            OrderState.folding([event(.created(fullDraft)), event(.refunded(OrderChange(status: .success)))]))
        #expect(state.status == .refunded)
        #expect(!state.isSale)
    }

    @Test("nothing is made of changes before the creation, and a second creation changes nothing")
    func order() throws {
        #expect(OrderState.folding([event(.paid(OrderChange()))]) == nil)
        var other = fullDraft
        other.price = nil
        let state = try #require(
            OrderState.folding([event(.paid(OrderChange())), event(.created(fullDraft)), event(.created(other))]))
        #expect(state.status == .pending)
        #expect(state.price == fullDraft.price)
    }
}
