public import Primitives
public import Telemetry

/// Begins spans, and keeps those that have ended until they are exported. A process without tracing has none.
///
/// What is not sampled costs a look at a flag: names and attributes are not even built.
public final class Tracer: Sendable {
    public let buffer: SpanBuffer
    private let sampler: Sampler
    let random: @Sendable () -> UInt64
    private let clock: @Sendable () -> Int64

    /// - Parameters:
    ///   - random: gives 64 random bits.
    ///   - clock: nanoseconds since 1970, UTC.
    public init(
        _ sampler: Sampler, _ buffer: SpanBuffer,
        random: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) },
        clock: @escaping @Sendable () -> Int64 = { MachineClock.wall.nanoseconds }
    ) {
        self.sampler = sampler
        self.buffer = buffer
        self.random = random
        self.clock = clock
    }

    /// Nanoseconds since 1970, UTC.
    public func now() -> Int64 { clock() }

    /// Decides whether a request from outside is recorded, sets its flag, and begins its span; nil if it is not recorded.
    ///
    /// - Parameters:
    ///   - context: the request's own: a child of the caller's, or a root.
    ///   - caller: what the caller sent; nil if it sent none.
    public func serve(
        _ context: inout TraceContext, for caller: TraceContext?, _ name: @autoclosure () -> String,
        _ attributes: @autoclosure () -> [SpanAttribute]
    ) -> ActiveSpan? {
        context.isSampled = sampler.samples(context.traceID, under: caller)
        guard context.isSampled else { return nil }
        return ActiveSpan(
            self, context, under: caller?.spanID, .server, name(), startedAt: now(), attributes())
    }

    /// Begins a span under one of another process of ours, which has decided that it is recorded; nil if it was not, or there is
    /// no readable `traceparent`.
    ///
    /// - Parameter startedAt: nanoseconds since 1970, UTC; nil: now.
    public func begin(
        _ kind: Span.Kind, _ name: @autoclosure () -> String, under traceparent: String?, startedAt: Int64? = nil,
        _ attributes: @autoclosure () -> [SpanAttribute] = []
    ) -> ActiveSpan? {
        guard let parent = Self.sampled(traceparent) else { return nil }
        return ActiveSpan(
            self, parent.child(random: random), under: parent.spanID, kind, name(), startedAt: startedAt ?? now(),
            attributes())
    }

    /// Begins a trace of its own that links to a span of another process of ours; nil if that was not recorded. For what
    /// follows long after the other trace has ended.
    public func begin(
        _ kind: Span.Kind, _ name: @autoclosure () -> String, linkingTo traceparent: String?,
        _ attributes: @autoclosure () -> [SpanAttribute] = []
    ) -> ActiveSpan? {
        guard let link = Self.sampled(traceparent) else { return nil }
        var root = TraceContext(random: random)
        root.isSampled = true
        return ActiveSpan(self, root, under: nil, link: link, kind, name(), startedAt: now(), attributes())
    }

    private static func sampled(_ traceparent: String?) -> TraceContext? {
        guard let context = traceparent.flatMap(TraceContext.init(traceparent:)), context.isSampled else { return nil }
        return context
    }
}
