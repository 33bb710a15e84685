import Synchronization
public import Telemetry

/// A span that is under way. There is one only for what is recorded: whoever has none does nothing.
///
/// It is exported when it has ended; one that is released before leaves no trace.
public final class ActiveSpan: Sendable {
    /// The trace, and the span's own id: what is sent to others, so that what they do comes under it.
    public let context: TraceContext
    private let parent: UInt64?
    private let link: TraceContext?
    private let name: String
    private let kind: Span.Kind
    private let startedAt: Int64
    private let attributes: [SpanAttribute]
    private let tracer: Tracer
    private let hasEnded = Atomic(false)

    init(
        _ tracer: Tracer, _ context: TraceContext, under parent: UInt64?, link: TraceContext? = nil, _ kind: Span.Kind,
        _ name: String, startedAt: Int64, _ attributes: [SpanAttribute]
    ) {
        self.tracer = tracer
        self.context = context
        self.parent = parent
        self.link = link
        self.kind = kind
        self.name = name
        self.startedAt = startedAt
        self.attributes = attributes
    }

    /// Begins a part of it.
    public func child(_ kind: Span.Kind, _ name: String, _ attributes: [SpanAttribute] = []) -> ActiveSpan {
        ActiveSpan(
            tracer, context.child(random: tracer.random), under: context.spanID, kind, name, startedAt: tracer.now(),
            attributes)
    }

    /// It is over now. Only the first call counts.
    ///
    /// - Parameters:
    ///   - suffix: what is added to the name, if that was not known whole at the beginning.
    ///   - more: attributes besides those that it began with.
    ///   - error: the class of the error that it failed with, for `error.type`; nil: it did not fail.
    public func end(_ suffix: String = "", _ more: [SpanAttribute] = [], error: String? = nil) {
        guard !hasEnded.exchange(true, ordering: .relaxed) else { return }
        var attributes = attributes + more
        if let error { attributes.append(.errorType(error)) }
        tracer.buffer.add(
            Span(
                context: context, parent: parent, link: link, name: name + suffix, kind: kind, startedAt: startedAt,
                // The clock may have been set back.
                endedAt: max(startedAt, tracer.now()), attributes: attributes, isFailed: error != nil))
    }
}
