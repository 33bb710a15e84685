public import Telemetry

/// What happened between two instants, as a part of a trace: finished, and never changed.
public struct Span: Sendable, Equatable {
    /// What it is to its parent and its children (https://opentelemetry.io/docs/specs/otel/trace/api/#spankind).
    public enum Kind: Int, Sendable {
        // The numbers are those of OTLP's `SpanKind`.
        /// Work of this process alone.
        case `internal` = 1
        /// The handling of a request from outside.
        case server = 2
        /// A request to another program.
        case client = 3
        /// A record that is published.
        case producer = 4
        /// A record that is taken in.
        case consumer = 5
    }

    /// The trace, and the span's own id.
    public var context: TraceContext
    /// The id of the span that it is a part of; nil: it is its trace's root.
    public var parent: UInt64?
    /// A span of another trace that it follows from; nil: it follows from no other.
    public var link: TraceContext?
    /// Of few different ones: nothing of a single request is in it.
    public var name: String
    public var kind: Kind
    /// Nanoseconds since 1970, UTC.
    public var startedAt: Int64
    /// Nanoseconds since 1970, UTC; not before ``startedAt``.
    public var endedAt: Int64
    public var attributes: [SpanAttribute]
    /// Whether what it stands for failed.
    public var isFailed: Bool

    public init(
        context: TraceContext, parent: UInt64?, link: TraceContext? = nil, name: String, kind: Kind, startedAt: Int64,
        endedAt: Int64, attributes: [SpanAttribute] = [], isFailed: Bool = false
    ) {
        self.context = context
        self.parent = parent
        self.link = link
        self.name = name
        self.kind = kind
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.attributes = attributes
        self.isFailed = isFailed
    }
}
