import Crypto
import HTTP
import Kafka
import Orders
import Synchronization
import Telemetry
import Tracing

/// Accepts requests once: looks up in this process's memory whether the request is a repeat, publishes a new one, and
/// remembers it.
final class Acceptance: Sendable {
    /// An accepted request.
    struct Accepted: Sendable {
        var promise: Promise
        /// Whether it was accepted before: `Idempotent-Replayed: true`.
        var isReplayed: Bool
    }

    /// A request that was begun. Between beginning and settling only the record of its body is held, and only until the
    /// client library has a copy: there may be thousands that wait.
    enum Offer: Sendable {
        /// It was accepted before.
        case again(Promise)
        case publish(Publication)
    }

    /// What is to be published, and what is remembered once it is.
    struct Publication: Sendable {
        var record: OutgoingRecord
        var promise: Promise
        var key: RepeatKey
        var account: String
        /// The order's status after the event; nil if it does not change.
        var status: OrderStatus?
        /// Records the publishing; nil if the request is not traced.
        var span: ActiveSpan?
    }

    private let memory: Mutex<Memory>
    private let publisher: Publisher
    private let metrics: IngestMetrics

    private struct Memory: Sendable {
        var repeats: Repeats
        /// Orders that this process has accepted itself: the ledger may not show them yet.
        var orders: Recent<OrderID, AcceptedOrder>
    }

    /// - Parameter remembered: the most requests that are remembered.
    init(publisher: Publisher, metrics: IngestMetrics, remembered: Int = 100_000) {
        self.publisher = publisher
        self.metrics = metrics
        memory = Mutex(
            Memory(
                repeats: Repeats(maximum: remembered),
                orders: Recent(maximum: remembered, lifetime: .seconds(24 * 3600))))
    }

    /// Begins a request; `event` builds the event to publish from the promise and the `traceparent` that it is published with.
    ///
    /// - Parameters:
    ///   - form: of what the event says: made once, for recognising repeats and for publishing.
    ///   - trace: the request's: what is published comes under it.
    ///
    /// Throws a 409 while the same key is in flight, a 422 if the key was used with other content.
    func begin(
        _ key: RepeatKey, _ form: CanonicalForm, promise: Promise, in trace: RequestTrace,
        event: (Promise, _ traceparent: String) -> Event
    ) throws(Refusal) -> Offer {
        let verdict = memory.withLock { $0.repeats.begin(key, digest: form.digest, promise: promise, now: .now) }
        switch verdict {
        case .replay(let promise):
            metrics.repeated()
            return .again(promise)
        case .inFlight:
            throw Refusal(
                409, .inFlight, "A request with the same key is being processed: wait for its answer.",
                fields: ["Retry-After": "1"])
        case .reused:
            throw Refusal(
                422, .keyReused,
                "The same key was used before with other content: a key stands for one order (or one change of it) for ever."
            )
        case .publish(let promise):
            let span = trace.publishing(promise.event.order)
            let event = event(promise, (span?.context ?? trace.context).traceparent)
            return .publish(
                Publication(
                    record: Publisher.record(event, form), promise: promise, key: key, account: event.account,
                    status: event.content.status, span: span))
        }
    }

    /// Publishes what was begun, unless it is a repeat of an accepted request.
    ///
    /// Throws a 503 if Kafka does not acknowledge: then the ids are remembered, and a repeat is published under them
    /// again.
    func settle(_ offer: consuming Offer, for request: RequestContext) async throws(Refusal) -> Accepted {
        switch consume offer {
        case .again(let promise):
            metrics.settled(promise.event.order, "accepted before", request)
            return Accepted(promise: promise, isReplayed: true)
        case .publish(let publication):
            let promise = publication.promise
            do {
                try await publish(publication, by: request.deadline)
            } catch {
                metrics.settled(promise.event.order, "not acknowledged", request)
                throw error
            }
            metrics.settled(promise.event.order, "accepted", request)
            return Accepted(promise: promise, isReplayed: false)
        }
    }

    /// What this process knows about an account's order that it has accepted itself; nil if it has not.
    func accepted(_ order: OrderID, account: String) -> AcceptedOrder? {
        let accepted = memory.withLock { $0.orders.value(order, now: .now) }
        return accepted?.account == account ? accepted : nil
    }

    private func publish(
        _ publication: consuming Publication, by deadline: ContinuousClock.Instant
    ) async throws(Refusal) {
        let (promise, key, account, status) = (
            publication.promise, publication.key, publication.account, publication.status
        )
        let span = publication.span
        let place: Acknowledgement
        do {
            place = try await publisher.publish(publication.record, by: deadline)
        } catch {
            memory.withLock { $0.repeats.failed(key, now: .now) }
            span?.end(error: error.code.rawValue)
            throw error
        }
        span?.end("", [.partition(place.partition), .offset(place.offset)])
        let now = ContinuousClock.now
        memory.withLock { memory in
            memory.repeats.acknowledged(key, now: now)
            if promise.event.kind == .created {
                let order = AcceptedOrder(account: account, createdAt: promise.at, place: place)
                memory.orders.note(promise.event.order, order, now: now)
            } else {
                memory.orders.modify(promise.event.order, now: now) { order in
                    order.changed(AcceptedOrder.Change(promise: promise, place: place), status: status)
                }
            }
        }
        metrics.published()
    }
}
