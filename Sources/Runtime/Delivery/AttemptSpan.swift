import Ledger
import Orders
import Tracing

extension Tracer {
    /// Begins the span of an attempt, under that of its record's intake; nil if that was not traced.
    ///
    /// The attempt of a row that was replayed is a trace of its own, which links to the intake: that trace ended long ago.
    func attempt(of row: LeasedDelivery, _ event: Event) -> ActiveSpan? {
        row.attemptsBefore == 0
            ? begin(.internal, "attempt", under: event.traceparent)
            : begin(.internal, "attempt", linkingTo: event.traceparent)
    }
}

extension ActiveSpan {
    /// An attempt came to this.
    func end(_ row: LeasedDelivery, kind: String, _ outcome: Outcome) {
        let isFailed =
            switch outcome {
            case .done, .declined: false
            case .retry, .permanent, .configuration, .unknown: true
            }
        end(
            " \(kind)",
            [
                .worker(row.worker), .receiver(kind), .order(row.key), .attempt(row.attemptsBefore + row.attempt + 1),
                .outcome(outcome.name),
            ], error: isFailed ? outcome.name : nil)
    }
}
