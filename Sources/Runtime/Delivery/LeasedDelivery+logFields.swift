import Ledger
import Telemetry

extension LeasedDelivery {
    /// What a line of the log about this row has beside its own fields: the order, and the trace of the request that brought it.
    ///
    /// - Parameter traceparent: of the event; what is no trace context is left out, since others may write the topic, too.
    func logFields(traceparent: String? = nil) -> [String: String] {
        var fields = ["row": "\(id)", "destination": destination.text, "orderId": key]
        fields["traceId"] = traceparent.flatMap(TraceContext.init(traceparent:))?.id
        return fields
    }
}
