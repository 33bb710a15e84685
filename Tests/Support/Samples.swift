package import Kafka
package import Ledger
package import Orders

/// The wall clock's time in tests.
package let epoch = Timestamp(milliseconds: 1_780_000_000_000)

/// The order that samples call by this number.
package func orderID(_ number: Int) -> OrderID {
    let digits = String(number, radix: 16)
    return OrderID(String(repeating: "0", count: 24 - digits.count) + digits)!
}

/// What an order of the samples costs.
package let sampleMinorUnits: Int64 = 12_300

/// An event of order `number`: its creation, or, unless `update` is 0, the later update of that number.
package func event(
    _ number: Int, update: Int = 0, account: String = "acme", at time: Timestamp = epoch, title: String? = nil,
    notify: Bool = true
) -> Event {
    let order = orderID(number)
    var draft = OrderDraft(locale: .uk)
    draft.title = title ?? "Order \(number)"
    draft.price = Money(minorUnits: sampleMinorUnits, currency: Currency("UAH")!)
    draft.buyer = Buyer(name: "Олена", email: "buyer\(number)@example.org", phone: "+380501234567")
    draft.isNotifyAccount = notify
    return Event(
        id: update == 0
            ? EventID.created(order).text : EventID.later(order, .updated, .idempotencyKey("\(update)")).text,
        account: account, order: order, time: time, traceparent: nil,
        content: update == 0 ? .created(draft) : .updated(OrderChange(userComments: "update \(update)")))
}

/// The value of an event that creates an order, as a row of the read model keeps it.
package func creation(_ draft: OrderDraft) -> [UInt8] {
    Event(
        id: EventID.created(orderID(0)).text, account: "acme", order: orderID(0), time: epoch, traceparent: nil,
        content: .created(draft)
    ).encoded().value
}

/// The event as a worker takes it in.
package func entry(_ event: Event, at offset: Int64, _ disposition: Disposition) -> IntakeEntry {
    IntakeEntry(
        offset: offset, event: event.encoded(), id: event.id, key: event.order.text, time: event.time,
        disposition: disposition)
}

/// The record that `ingest` makes of an event.
package func outgoingRecord(_ event: Event) -> OutgoingRecord {
    let encoded = event.encoded()
    return OutgoingRecord(
        topic: "orders", key: encoded.key, value: encoded.value,
        headers: encoded.headers.map { RecordHeader($0.name, text: $0.value) })
}
