import Crypto
import Kafka
import Orders
import Support
import Telemetry

/// Orders put on the topic as ingest does it, at a steady pace.
enum OrderFeed {
    /// Publishes at a steady pace; how many, since it may be cancelled.
    static func publish(_ orders: Int, perSecond: Int, brokers: String, account: String) async throws -> Int {
        let producer = try Producer(ClientProperties(bootstrapServers: brokers))
        let size = max(1, perSecond / 10)
        let began = ContinuousClock.now
        var published = 0
        while published < orders, !Task.isCancelled {
            let numbers = published..<min(orders, published + size)
            let records = numbers.map { record($0, account) }
            for answer in try await producer.sendAll(records, timeout: .seconds(60)) { _ = try answer.get() }
            published = numbers.upperBound
            let due = began + .milliseconds(published * 1000 / perSecond)
            try? await Task.sleep(until: due)
        }
        await producer.close(timeout: .seconds(5))
        return published
    }

    private static func record(_ number: Int, _ account: String) -> OutgoingRecord {
        let order = OrderID(account: account, .external(id: "\(number)", source: nil))
        let uah = Currency("UAH")!
        var draft = OrderDraft(locale: [.uk, .en, .ru][number % 3])
        draft.externalID = "\(number)"
        draft.title = "Замовлення \(number)"
        draft.price = Money(minorUnits: 24_690, currency: uah)
        draft.buyer = Buyer(name: "Олена Коваль", email: "buyer\(number)@example.com")
        draft.items = [Item(title: "Книга", quantity: 2, price: Money(minorUnits: 12_345, currency: uah))]
        let event = Event(
            id: EventID.created(order).text, account: account, order: order,
            time: Timestamp(milliseconds: WallClock.milliseconds()), digest: CanonicalForm(draft).digest,
            traceparent: nil,
            content: .created(draft))
        return outgoingRecord(event)
    }
}
