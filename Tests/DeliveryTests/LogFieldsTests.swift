import Ledger
import Testing

@testable import Delivery

@Suite("What the log says of a row")
struct LogFieldsTests {
    private let row = LeasedDelivery(
        id: 7, worker: "crm", destination: "email", eventID: "9bff2654e2336c59764f3f3a.created",
        key: "9bff2654e2336c59764f3f3a", attempt: 0, leaseNumber: 1, isOutcomeUnknown: false)

    @Test("the order, and the trace that it came in; not what somebody else wrote in a trace's place")
    func named() {
        let bare = ["row": "7", "destination": "email", "orderId": "9bff2654e2336c59764f3f3a"]
        let traced = bare.merging(["traceId": "4bf92f3577b34da6a3ce929d0e0e4736"]) { own, _ in own }
        #expect(row.logFields(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") == traced)
        #expect(row.logFields(traceparent: "00-olena@example.com-00f067aa0ba902b7-01") == bare)
        #expect(row.logFields() == bare)
    }
}
