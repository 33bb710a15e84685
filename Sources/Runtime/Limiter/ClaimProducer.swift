import Kafka
import RateLimit
import Synchronization
import Telemetry

/// The producer of claims, probes and strikes: one of its own, with linger 0, since a claim's verdict waits for it.
///
/// After a failed record it is replaced, at most once a second: what the old one held may still arrive, and every
/// claimant is informed.
final class ClaimProducer: Sendable {
    private struct State {
        var producer: Producer
        /// Failures of a replaced producer are ignored.
        var generation = 0
        var isReplacing = false
        var replacedAt: ContinuousClock.Instant?
        /// The generation whose failure was logged last, and when.
        var complaint: (generation: Int, at: ContinuousClock.Instant)?
    }

    private static let replacementInterval = Duration.seconds(1)

    private let log: Log
    private let state: Mutex<State>
    private let failed: @Sendable (_ partition: Int32, _ isProbe: Bool) -> Void
    private let replaced: @Sendable () -> Void

    /// - Parameters:
    ///   - failed: a record of this partition, a probe or another, was not acknowledged.
    ///   - replaced: there is a new producer; what was in flight may be lost.
    init(
        _ properties: ClientProperties, log: Log, failed: @escaping @Sendable (Int32, Bool) -> Void,
        replaced: @escaping @Sendable () -> Void
    ) throws(KafkaError) {
        self.log = log
        self.failed = failed
        self.replaced = replaced
        state = Mutex(State(producer: try Producer(properties, lingerMilliseconds: 0)))
    }

    func append(to partition: Int32, _ value: [UInt8], key: LimitID?) {
        let (producer, generation) = state.withLock { ($0.producer, $0.generation) }
        let record = OutgoingRecord(
            topic: LimiterSettings.topic, partition: partition, key: key?.bytes ?? [], value: value)
        producer.post(record) { [weak self] error in
            guard let self, state.withLock({ $0.generation }) == generation else { return }
            complain(error, of: partition, generation)
            failed(partition, key == nil)
        }
    }

    /// Logged once per producer and ten seconds: if a broker is down, all of its partitions fail.
    private func complain(_ error: KafkaError, of partition: Int32, _ generation: Int) {
        let isNew = state.withLock { state in
            if let last = state.complaint, last.generation == generation, last.at + .seconds(10) > .now { return false }
            state.complaint = (generation, .now)
            return true
        }
        guard isNew else { return }
        log.warning(
            "records of topic ratelimit are not acknowledged", ["partition": "\(partition)", "why": "\(error)"])
    }

    /// Publishes a record of another topic, and waits for its acknowledgement.
    func send(_ record: OutgoingRecord) async throws {
        _ = try await state.withLock { $0.producer }.send(record)
    }

    /// Replaces the producer by a new one, soon.
    func replace() {
        let replacedAt: ContinuousClock.Instant?? = state.withLock { state in
            guard !state.isReplacing else { return nil }
            state.isReplacing = true
            return .some(state.replacedAt)
        }
        guard let replacedAt else { return }
        Task {
            if let replacedAt {
                try? await Task.sleep(until: replacedAt + Self.replacementInterval, clock: .continuous)
            }
            self.replaceNow()
        }
    }

    private func replaceNow() {
        let producer = state.withLock { state in
            state.generation += 1
            state.isReplacing = false
            state.replacedAt = .now
            return state.producer
        }
        do {
            try producer.replace()
            log.warning("the producer of topic ratelimit was replaced", [:])
        } catch {
            log.error("the producer of topic ratelimit could not be replaced", ["why": "\(error)"])
        }
        replaced()
    }

    func close(timeout: Duration) async { await state.withLock { $0.producer }.close(timeout: timeout) }
}

extension LimitID {
    /// The sixteen bytes, as the record's key.
    var bytes: [UInt8] {
        [high, low].flatMap { half in
            stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
        }
    }
}
