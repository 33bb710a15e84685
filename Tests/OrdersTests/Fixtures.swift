import Orders

let settings = AccountSettings(locale: .uk, country: "UA", currency: .uah)

let fullBody = """
    {"externalId":"A-1001","source":"shop","offerId":"5f1a","paymentCreditsId":"pc1","managerId":42,"title":"Курс",
     "price":"1250.50","currency":"uah","items":[{"title":"Книга","quantity":2,"price":400.25,"sku":"B-1"},
     {"title":"Курс","price":"450"}],"customer":{"name":"Олена 🙂","personId":"p1"},"email":"Olena@Example.COM",
     "phone":"067 123-45-67","locale":"ua","utm":{"source":"ig","campaign":"may","other":1},
     "transactionDate":"2026-05-01T15:30:00+03:00","isNotifyAccount":"false","unknown":{"deep":[1,{}]}}
    """

/// The draft that ``fullBody`` is.
let fullDraft: OrderDraft = {
    var draft = OrderDraft(locale: .uk)
    draft.externalID = "A-1001"
    draft.source = "shop"
    draft.offerID = "5f1a"
    draft.paymentCreditsID = "pc1"
    draft.managerID = "42"
    draft.title = "Курс"
    draft.price = Money(minorUnits: 125_050, currency: .uah)
    draft.items = [
        Item(title: "Книга", quantity: 2, price: Money(minorUnits: 40_025, currency: .uah), sku: "B-1"),
        Item(title: "Курс", quantity: 1, price: Money(minorUnits: 45_000, currency: .uah)),
    ]
    draft.buyer = Buyer(name: "Олена 🙂", email: "Olena@example.com", phone: "+380671234567", personID: "p1")
    draft.utm = [.source: "ig", .campaign: "may"]
    draft.transactionDate = Timestamp(iso8601: "2026-05-01T12:30:00Z")
    draft.isNotifyAccount = false
    return draft
}()

let orderID = OrderID(account: "acme", .external(id: "A-1001", source: "shop"))

func event(
    _ content: Event.Content, id: String = "e1", at milliseconds: Int64 = 1_777_638_600_000, order: OrderID = orderID
) -> Event {
    Event(
        id: id, account: "acme", order: order, time: Timestamp(milliseconds: milliseconds), traceparent: nil,
        content: content)
}

/// All faults of a body, or none; those that are soft, too.
func faults(_ body: String, settings: AccountSettings = settings) -> [FieldFault] {
    do throws(BodyError) {
        _ = try OrderDraft.reading(Array(body.utf8), settings: settings, isStrict: true)
        return []
    } catch {
        guard case .faults(let faults) = error else { return [] }
        return faults
    }
}
