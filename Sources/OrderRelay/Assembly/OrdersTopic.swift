import Kafka
import Lifecycle
import Orders
import Synchronization
import Telemetry

/// Sees to it that topic `orders` is there before `ingest` promises to put anything on it, and that the first order does
/// not wait for its metadata (DESIGN §7, rule 8); asks again every few seconds, so that `/readyz` tells of a Kafka that
/// has gone away since.
final class OrdersTopic: Service {
    private static let timeout: Duration = .seconds(5)
    private static let lookEvery: Duration = .seconds(5)

    let name = "orders"
    private let producer: Producer
    private let line: Waiting
    private let waiting = Mutex<String?>("not started")
    private let looking = Mutex<Task<Void, Never>?>(nil)
    private let found = Latch()

    init(_ producer: Producer, log: Log) {
        self.producer = producer
        line = Waiting(for: "topic \(Event.topic)", log: log)
    }

    var notReady: String? { waiting.withLock { $0 } }

    func start() async throws {
        let task = Task { await look() }
        looking.withLock { $0 = task }
        await found.wait()
        try Task.checkCancellation()
    }

    private func look() async {
        var failures = 0
        while !Task.isCancelled {
            do throws(KafkaError) {
                try await producer.warmUp(topics: [Event.topic], timeout: Self.timeout)
                waiting.withLock { $0 = nil }
                line.ends()
                found.open()
                failures = 0
            } catch {
                failures += 1
                say(error)
            }
            // A broker that has gone away is told of by nobody while no order comes, so it is looked for.
            let delay =
                failures == 0
                ? Self.lookEvery : RetryPolicy.dependency.delay(afterFailures: failures, random: .system)
            try? await Task.sleep(for: delay)
        }
    }

    private func say(_ error: KafkaError) {
        let why =
            error.code == .unknownTopic
            ? "the topic \(Event.topic) does not exist: run `orderrelay topics create`" : error.message
        waiting.withLock { $0 = "waits for topic \(Event.topic): \(why)" }
        line.goesOn(why)
    }

    func stop(by deadline: ContinuousClock.Instant) async {
        // Not waited for: a question to a broker that is away ends by its own time-out.
        looking.withLock { $0 }?.cancel()
        found.open()
    }
}
