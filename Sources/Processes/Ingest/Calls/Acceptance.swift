import Crypto
import HTTP
import Kafka
import Orders
import Synchronization
import Telemetry

/// Says yes once: asks this process's memory whether the request is a repeat, publishes what is new, and remembers.
final class Acceptance: Sendable {
    /// What was said yes to.
    struct Accepted: Sendable {
        var promise: Promise
        /// Whether it was said before: `Idempotent-Replayed: true`.
        var isReplayed: Bool
    }

    /// A request that was begun. Between beginning and settling nothing of its body is held but the record, and that
    /// only until the client library has its copy: what waits in thousands should be small.
    enum Offer: Sendable {
        /// It was answered before.
        case again(Promise)
        case publish(OutgoingRecord, Promise, RepeatKey, account: String)
    }

    private let memory: Mutex<Memory>
    private let publisher: Publisher
    private let metrics: IngestMetrics

    private struct Memory: Sendable {
        var repeats: Repeats
        /// Orders that this process has accepted itself, with their accounts: the ledger may not show them yet.
        var orders: Recent<OrderID, String>
    }

    /// - Parameter remembered: how many requests are remembered at most.
    init(publisher: Publisher, metrics: IngestMetrics, remembered: Int = 100_000) {
        self.publisher = publisher
        self.metrics = metrics
        memory = Mutex(
            Memory(
                repeats: Repeats(maximum: remembered),
                orders: Recent(maximum: remembered, lifetime: .seconds(24 * 3600))))
    }

    /// Begins a request, and tells what is to be said yes to; `event` makes of the promise what is to be published.
    ///
    /// - Parameter form: of what the event says: made once, for telling repeats and for publishing.
    ///
    /// Throws 409 while the same key is in flight, 422 where it came with other content.
    func begin(
        _ key: RepeatKey, _ form: CanonicalForm, promise: Promise, event: (Promise) -> Event
    ) throws(Refusal) -> Offer {
        let verdict = memory.withLock { $0.repeats.begin(key, digest: form.digest, promise: promise, now: .now) }
        switch verdict {
        case .replay(let promise):
            metrics.repeated()
            return .again(promise)
        case .inFlight:
            throw Refusal(
                409, .inFlight, "A request with the same key is being served now: wait for its answer.",
                fields: ["Retry-After": "1"])
        case .reused:
            throw Refusal(
                422, .keyReused,
                "The same key came before with other content: a key names one order (or one change of it) for ever.")
        case .publish(let promise):
            let event = event(promise)
            return .publish(Publisher.record(event, form), promise, key, account: event.account)
        }
    }

    /// Publishes what was begun, unless it is a repeat that was answered before.
    ///
    /// Throws 503 where Kafka does not acknowledge: then the ids are remembered, and a repeat is published under them
    /// again.
    func settle(_ offer: consuming Offer, by deadline: ContinuousClock.Instant) async throws(Refusal) -> Accepted {
        switch consume offer {
        case .again(let promise): return Accepted(promise: promise, isReplayed: true)
        case .publish(let record, let promise, let key, let account):
            try await publish(record, promise, key, account: account, by: deadline)
            return Accepted(promise: promise, isReplayed: false)
        }
    }

    /// Whether this process has accepted the order for this account.
    func hasAccepted(_ order: OrderID, account: String) -> Bool {
        memory.withLock { $0.orders.value(order, now: .now) } == account
    }

    private func publish(
        _ record: consuming OutgoingRecord, _ promise: Promise, _ key: RepeatKey, account: String,
        by deadline: ContinuousClock.Instant
    ) async throws(Refusal) {
        do {
            _ = try await publisher.publish(record, by: deadline)
        } catch {
            memory.withLock { $0.repeats.failed(key, now: .now) }
            throw error
        }
        memory.withLock { memory in
            memory.repeats.acknowledged(key, now: .now)
            if promise.event.kind == .created { memory.orders.note(promise.event.order, account, now: .now) }
        }
        metrics.published()
    }
}
