import Kafka
import Lifecycle
import Orders
import Primitives
import Synchronization
import Telemetry

/// Makes sure that topic `orders` exists before `ingest` accepts orders, and that the first order does not wait for its
/// metadata (DESIGN §7, rule 8); checks again every few seconds, so that `/readyz` shows if Kafka becomes unavailable.
final class OrdersTopic: Service {
    private static let timeout: Duration = .seconds(5)
    private static let lookEvery: Duration = .seconds(5)

    /// What `ingest` needs of Kafka to publish orders.
    static let rights = AccessRight.producing(to: Event.topic)

    let name = "orders"
    private let producer: Producer
    private let outage: Outage
    private let looking = Mutex<Task<Void, any Error>?>(nil)
    private let found = Once<Void>()

    init(_ producer: Producer, log: Log) {
        self.producer = producer
        outage = Outage(of: "topic \(Event.topic)", log: log)
    }

    var notReady: String? { outage.words ?? (found.isOpen ? nil : "not started") }

    func start() async throws {
        let task = Task { try await look() }
        looking.withLock { $0 = task }
        await found.wait()
        try Task.checkCancellation()
    }

    private func look() async throws {
        try await outage.persistently { serves in
            // While no orders come nobody would notice an unavailable broker, so it is checked.
            while true {
                try await producer.warmUp(topics: [Event.topic], timeout: Self.timeout)
                serves()
                found.open()
                try await Task.sleep(for: Self.lookEvery)
            }
        }
    }

    func stop(by deadline: ContinuousClock.Instant) async {
        // Not awaited: a query to an unavailable broker ends by its own timeout.
        looking.withLock { $0 }?.cancel()
        found.open()
    }
}
