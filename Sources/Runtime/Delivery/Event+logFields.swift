import Orders
import Telemetry

extension Event {
    /// What lines of the log about it have: the order's id, and the trace's if the event has one.
    var logFields: [String: String] {
        var fields = ["orderId": order.text]
        fields["traceId"] = traceparent.flatMap(TraceContext.init(traceparent:))?.traceID.description
        return fields
    }
}
