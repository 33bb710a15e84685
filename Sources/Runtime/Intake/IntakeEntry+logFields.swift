import Ledger
import Orders
import Telemetry

extension IntakeEntry {
    /// What a line of the log says of a record that was taken in: its place, the order, and the trace of the request that
    /// brought it.
    func logFields(in source: LogPartition) -> [String: String] {
        var fields = LogPlace.fields(offset, in: source, key: key)
        fields["disposition"] = disposition.name
        fields["traceId"] = event?.traceparent.flatMap(TraceContext.init(traceparent:))?.id
        return fields
    }
}

extension Reading {
    /// What a line of the log says of a record that cannot be taken in.
    func logFields(in source: LogPartition) -> [String: String] {
        LogPlace.fields(offset, in: source, key: key)
    }
}

private enum LogPlace {
    /// - Parameter key: named as the order only where it is an order's id: others may write the topic, too, and anything into a
    ///   key.
    static func fields(_ offset: Int64, in source: LogPartition, key: String) -> [String: String] {
        var fields = ["place": "\(source.topic)/\(source.partition)/\(offset)"]
        fields["orderId"] = OrderID(key)?.text
        return fields
    }
}
