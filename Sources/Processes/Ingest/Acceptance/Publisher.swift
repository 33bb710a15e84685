public import Kafka
import Orders
import Telemetry

/// Publishes an event on its topic, and waits for the acknowledgement.
struct Publisher: Sendable {
    /// An acknowledgement is awaited for at most 5 s (DESIGN §4), and no longer than the request has left.
    static let acknowledgementTimeout: Duration = .seconds(5)
    /// The least time that a request gets for publishing, even if it has spent its time elsewhere.
    private static let acknowledgementTimeoutMinimum: Duration = .milliseconds(100)

    let producer: any EventProducer
    let acknowledgementSeconds: Histogram.Series

    /// The event as it is published.
    ///
    /// - Parameter form: of what the event says.
    static func record(_ event: Event, _ form: CanonicalForm) -> OutgoingRecord {
        let encoded = event.encoded(form)
        return OutgoingRecord(
            topic: Event.topic, key: encoded.key, value: encoded.value,
            headers: encoded.headers.map { RecordHeader($0.name, text: $0.value) })
    }

    /// Returns the record's place once the in-sync replicas have it.
    ///
    /// Throws a 503: the order is not accepted, although the record may still arrive.
    ///
    /// - Parameter deadline: when the request must have been answered.
    func publish(
        _ record: consuming OutgoingRecord, by deadline: ContinuousClock.Instant
    ) async throws(Refusal) -> Acknowledgement {
        let started = ContinuousClock.now
        let timeout = min(Self.acknowledgementTimeout, max(Self.acknowledgementTimeoutMinimum, deadline - started))
        do {
            let acknowledgement = try await producer.send(record, timeout: timeout)
            acknowledgementSeconds.record(ContinuousClock.now - started)
            return acknowledgement
        } catch {
            switch error.code {
            case .tooLarge:
                throw Refusal(413, .tooLarge, "The order exceeds Kafka's maximum message size.")
            case .queueFull:
                throw .unavailable(
                    .temporarilyUnavailable, "Too many orders are waiting for Kafka: send the request again.",
                    retryAfter: 1)
            default:
                throw .unavailable(
                    .notAcknowledged,
                    "Kafka did not acknowledge the order in time, so it is not accepted yet. Send the same request again, with the same key.",
                    retryAfter: 5)
            }
        }
    }
}

/// What publishes events: a Kafka producer; in tests one that fails on demand.
public protocol EventProducer: Sendable {
    /// Publishes a record, and returns its place once the in-sync replicas have it.
    ///
    /// - Throws: ``KafkaError`` if it is not acknowledged within `timeout`; it may still arrive then.
    func send(_ record: consuming OutgoingRecord, timeout: Duration) async throws(KafkaError) -> Acknowledgement
    /// The partition of `topic` that a record with this key goes to; nil if that is unknown.
    func partition(ofKey key: [UInt8], in topic: String) -> Int32?
}

extension Producer: EventProducer {}
