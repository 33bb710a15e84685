import Crypto
import Events
import Ledger
import Orders
import Testing

@testable import Intake

@Suite("What the log says of a record")
struct LogFieldsTests {
    private let source = LogPartition(cluster: "c", topic: "orders", partition: 3)
    private let order = "9bff2654e2336c59764f3f3a"
    private let time = Timestamp(milliseconds: 1_764_000_000_000)

    private func reading(key: String) -> Reading {
        Reading(
            offset: 5, in: source, id: "x", key: key, time: time,
            content: .unreadable(reason: IntakeEntry.poison, isPoison: true))
    }

    @Test("of one that nobody can use its place, and the order if its key is one's id and nothing else")
    func unreadable() {
        #expect(reading(key: order).logFields(in: source) == ["place": "orders/3/5", "orderId": order])
        #expect(reading(key: "olena@example.com").logFields(in: source) == ["place": "orders/3/5"])
    }

    @Test("of one that was taken in its order and its trace, too")
    func takenIn() {
        var entry = IntakeEntry(
            offset: 5, event: nil, id: "x", key: order, time: time, disposition: .skipped(reason: "no destination"))
        let bare = ["place": "orders/3/5", "orderId": order, "disposition": "skipped"]
        #expect(entry.logFields(in: source) == bare)
        entry.event = Envelope(
            id: "x", type: "orderrelay.order.created", account: "shop", subject: order, time: time,
            digest: Digest([UInt8](repeating: 0, count: 32)),
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", value: [])
        let trace = ["traceId": "4bf92f3577b34da6a3ce929d0e0e4736"]
        #expect(entry.logFields(in: source) == bare.merging(trace) { own, _ in own })
    }
}
