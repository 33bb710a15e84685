import Crypto
import Orders
import Testing

@Suite("Events on the topic")
struct EventCodecTests {
    static let change = OrderChange(
        status: .success, price: Money(minorUnits: 100, currency: .uah),
        paymentDate: Timestamp(milliseconds: 1_777_638_600_000), userComments: "paid\nin cash")

    @Test(
        "every kind of event comes back as it was",
        arguments: [
            Event.Content.created(fullDraft), .created(OrderDraft(locale: .en)), .updated(change), .paid(change),
            .refunded(OrderChange()), .updated(OrderChange(status: .pending)),
        ])
    func roundTrip(content: Event.Content) throws {
        var event = event(content)
        event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let encoded = event.encoded()
        #expect(try Event(headers: encoded.headers, value: encoded.value) == event)
        #expect(encoded.key == Array(orderID.text.utf8))
    }

    @Test("an event's headers are CloudEvents' in Kafka's binary mode")
    func headers() {
        let encoded = event(.created(fullDraft), id: Event.createdID(of: orderID)).encoded()
        let headers = encoded.headers.map { "\($0.name): \(String(decoding: $0.value, as: UTF8.self))" }
        #expect(
            headers == [
                "ce_specversion: 1.0", "ce_id: \(orderID).created", "ce_type: orderrelay.order.created",
                "ce_source: /accounts/acme", "ce_subject: \(orderID)", "ce_time: 2026-05-01T12:30:00.000Z",
                "content-type: application/json",
            ])
    }
}
