public import Kafka
public import Ledger
public import Lifecycle
import Synchronization
public import Telemetry

/// Publishes the ledger's outbox to topic `control`: at least once, in the outbox's order.
///
/// Every process that writes the ledger runs one; a lease in the ledger lets one of them work at a time.
public final class OutboxDrainer: Service {
    private static let leaseName = "outbox"
    private static let leaseMilliseconds: Int64 = 5_000
    private static let batchMaximum = 100
    /// A token's revocation must take effect within 2 s everywhere, so a change may wait this long for its publication.
    private static let interval: Duration = .milliseconds(500)

    /// What it needs of Kafka.
    public static let rights = AccessRight.producing(to: ControlSnapshot.topic)

    public let name = "outbox"
    private let ledger: Ledger
    private let properties: ClientProperties
    private let owner: String
    private let log: Log
    private let time: any Timekeeper
    private let task = Mutex<Task<Void, any Error>?>(nil)
    private let outage: Outage

    public init(
        ledger: Ledger, properties: ClientProperties, owner: String, log: Log, time: any Timekeeper = SystemTime()
    ) {
        self.ledger = ledger
        self.properties = properties
        self.owner = owner
        self.log = log
        self.time = time
        outage = Outage(of: "the outbox's ledger or Kafka", log: log)
    }

    /// It never keeps a process from being ready: any other process can drain the outbox.
    public var notReady: String? { nil }

    public func start() async throws {
        let draining = Task { try await outage.persistently(time: time) { try await drain(serves: $0) } }
        task.withLock { $0 = draining }
    }

    public func stop(by deadline: ContinuousClock.Instant) async {
        let drain = task.withLock { $0 }
        drain?.cancel()
        _ = await drain?.result
    }

    /// Drains until something fails. Most processes never have anything to publish, and others are done in a moment: a
    /// producer exists only for that long.
    private func drain(serves: () -> Void) async throws {
        while true {
            if try await !ledger.outbox(limit: 1).isEmpty { try await drainOnce() }
            serves()
            // Any process may write the ledger, so it is polled: there is no event to wait for.
            try await time.sleep(until: time.now + Self.interval)
        }
    }

    private func drainOnce() async throws {
        let producer = try Producer(properties)
        do {
            try await Self.drainOnce(ledger: ledger, producer: producer, owner: owner)
        } catch {
            await producer.close(timeout: .milliseconds(500))
            throw error
        }
        await producer.close(timeout: .milliseconds(500))
    }

    /// Publishes everything that waits now, unless another process is doing so.
    ///
    /// - Throws: `LedgerError` or `KafkaError` from either; what was not confirmed is published again later.
    public static func drainOnce(ledger: Ledger, producer: Producer, owner: String) async throws {
        while true {
            let entries = try await ledger.outbox(limit: batchMaximum)
            if entries.isEmpty { return }
            guard try await ledger.takeLease(leaseName, owner: owner, milliseconds: leaseMilliseconds) else { return }
            // Read again under the lease: another process may have drained what was seen before it.
            let held = try await ledger.outbox(limit: batchMaximum)
            for entry in held {
                _ = try await producer.send(
                    OutgoingRecord(topic: ControlSnapshot.topic, key: Array(entry.key.utf8), value: entry.value))
            }
            try await ledger.removeFromOutbox(held.map(\.id))
            // Released at once: the next command must not wait for this one's lease to expire.
            _ = try await ledger.takeLease(leaseName, owner: owner, milliseconds: 0)
        }
    }
}
