/// W3C trace context: a trace's id, this span's id, and whether it is sampled (https://www.w3.org/TR/trace-context/).
public struct TraceContext: Sendable, Equatable {
    public var traceID: [UInt8]
    public var spanID: [UInt8]
    public var isSampled: Bool
    /// The header's form `00-…-…-01`; nil where it is malformed.
    public init?(traceparent: String) { fatalError("to be written") }
    /// A fresh root; `random` gives that many random bytes.
    public init(random: (Int) -> [UInt8]) { fatalError("to be written") }
    /// The same trace with a span id of its own.
    public func child(random: (Int) -> [UInt8]) -> TraceContext { fatalError("to be written") }
    public var traceparent: String { fatalError("to be written") }
}
