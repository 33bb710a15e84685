public import Kafka
import Orders
import Telemetry

/// Puts an event on its topic, and waits for the acknowledgement.
struct Publisher: Sendable {
    /// An acknowledgement is awaited for at most 5 s (DESIGN §4), and no longer than the request has left.
    static let acknowledgementTimeout: Duration = .seconds(5)
    /// What a request that has spent its time elsewhere is given all the same.
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

    /// Returns where the record lies once the in-sync replicas have it.
    ///
    /// Throws a 503: nothing was promised, although the record may arrive yet.
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
                throw Refusal(413, .tooLarge, "The order is larger than the brokers take.")
            case .queueFull:
                throw .unavailable(
                    .temporarilyUnavailable, "Too many orders are waiting for Kafka: send the request again.",
                    retryAfter: 1)
            default:
                throw .unavailable(
                    .notAcknowledged,
                    "Kafka did not acknowledge the order in time; nothing was promised. Send the same request again, with the same key.",
                    retryAfter: 5)
            }
        }
    }
}

/// What publishes: a producer that is replaced when it turns fatal; in tests one that fails as told.
public protocol EventProducer: Sendable {
    func send(_ record: consuming OutgoingRecord, timeout: Duration) async throws(KafkaError) -> Acknowledgement
}

extension Producer: EventProducer {}
