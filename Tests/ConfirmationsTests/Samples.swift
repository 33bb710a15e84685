import Crypto
import Orders

@testable import Confirmations

/// An order's events, as the tests need them.
enum Samples {
    static let uah = Currency("UAH")!
    static let order = OrderID("3f2a9c1b0d4e5f6071829304")!
    static let start = Timestamp(milliseconds: 1_764_000_000_000)

    static func draft(_ locale: OrderLocale = .uk, _ change: (inout OrderDraft) -> Void = { _ in }) -> OrderDraft {
        var draft = OrderDraft(locale: locale)
        draft.externalID = "1001"
        draft.buyer = Buyer(name: "Олена Коваль", email: "olena.koval@example.com")
        draft.items = [
            Item(title: "Курс «Город на підвіконні»", quantity: 1, price: Money(minorUnits: 145_000, currency: uah)),
            Item(title: "Насіння базиліку", quantity: 3, price: Money(minorUnits: 4_550, currency: uah)),
        ]
        draft.price = Money(minorUnits: 158_650, currency: uah)
        change(&draft)
        return draft
    }

    static func created(_ draft: OrderDraft = draft()) -> Event { event("created", .created(draft)) }
    static func paid(_ change: OrderChange = OrderChange()) -> Event { event("paid.1", .paid(change)) }

    static func event(_ suffix: String, _ content: Event.Content) -> Event {
        Event(
            id: "\(order.text).\(suffix)", account: "a1", order: order, time: start, digest: sha256([1]),
            traceparent: nil, content: content)
    }

    static func notice(_ kind: ConfirmationKind = .received, _ draft: OrderDraft = draft()) -> Notice {
        Notice(
            kind: kind, order: OrderState(created(draft))!, at: start, address: draft.buyer.email ?? "b@example.com")
    }
}
