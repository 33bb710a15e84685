import HTTP
import Orders
import Telemetry
import Tracing

/// Where a request stands in its trace.
struct RequestTrace: Sendable {
    /// The caller's trace or a new one, with the request's own span.
    let context: TraceContext
    /// Records it; nil if the request is not traced.
    let span: ActiveSpan?
}

extension RequestTrace {
    init(_ head: RequestHead, request: String, random: () -> UInt64, tracer: Tracer?) {
        let caller = head.fields["traceparent"].flatMap(TraceContext.init(traceparent:))
        // Without a tracer the caller's flag is passed on as it came.
        var context = caller?.child(random: random) ?? TraceContext(random: random)
        span = tracer?.serve(
            &context, for: caller, head.method.spanName, [.httpRequestMethod(head.method.traced), .request(request)])
        self.context = context
    }

    /// The request was answered.
    func end(_ endpoint: Endpoint?, status: Int) {
        guard let span else { return }
        var attributes = [SpanAttribute.httpStatus(status)]
        var suffix = ""
        if let endpoint {
            let route = Endpoint.root + endpoint.path
            attributes.append(.httpRoute(route))
            suffix = " \(route)"
        }
        // What a caller did wrong is not a fault of ours.
        span.end(suffix, attributes, error: status >= 500 ? String(status) : nil)
    }

    /// Begins the span of publishing an order's event; nil if the request is not traced.
    func publishing(_ order: OrderID) -> ActiveSpan? {
        span?.child(
            .producer, "send \(Event.topic)",
            [
                .kafka, .topic(Event.topic), .messagingOperation("send"), .messagingOperationType("send"),
                .order(order.text),
            ])
    }
}

extension HTTP.Method {
    /// As the semantic conventions want it: a method that is not known is a caller's text.
    fileprivate var traced: String { if case .other = self { "_OTHER" } else { name } }

    /// What the span is called while its route is not known.
    fileprivate var spanName: String { if case .other = self { "HTTP" } else { name } }
}
