public import Kafka
public import Ledger
public import Lifecycle
import Synchronization
public import Telemetry

/// Brings what the ledger's outbox holds to topic `control`: at least once, in the outbox's order.
///
/// Every process that writes the ledger runs one; a lease in the ledger lets one of them work at a time.
public final class OutboxDrainer: Service {
    private static let leaseName = "outbox"
    private static let leaseMilliseconds: Int64 = 5_000
    private static let batchMaximum = 100
    /// With a token's revocation holding within 2 s everywhere, a change may wait this long for its publication.
    private static let interval: Duration = .milliseconds(500)

    public let name = "outbox"
    private let ledger: Ledger
    private let properties: ClientProperties
    private let owner: String
    private let log: Log
    private let time: any Timekeeper
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let waiting: Waiting

    public init(
        ledger: Ledger, properties: ClientProperties, owner: String, log: Log, time: any Timekeeper = SystemTime()
    ) {
        self.ledger = ledger
        self.properties = properties
        self.owner = owner
        self.log = log
        self.time = time
        waiting = Waiting(for: "what the outbox needs", log: log)
    }

    /// It never keeps a process from being ready: what waits in the outbox is drained by any process.
    public var notReady: String? { nil }

    public func start() async throws {
        let drain = Task { await self.run() }
        task.withLock { $0 = drain }
    }

    public func stop(by deadline: ContinuousClock.Instant) async {
        let drain = task.withLock { $0 }
        drain?.cancel()
        await drain?.value
    }

    private func run() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                try await drain()
                failures = 0
            } catch is CancellationError {
                return
            } catch {
                failures += 1
                waiting.goesOn("\(error)")
                let delay = RetryPolicy.dependency.delay(afterFailures: failures, random: .system)
                try? await time.sleep(until: time.now + delay)
            }
        }
    }

    /// Drains until something fails, with one producer.
    private func drain() async throws {
        let producer = try Producer(properties)
        do {
            while true {
                try await Self.drainOnce(ledger: ledger, producer: producer, owner: owner)
                waiting.ends()
                // The ledger may be written by any process, so it is looked at: there is no event to wait for.
                try await time.sleep(until: time.now + Self.interval)
            }
        } catch {
            await producer.close(timeout: .milliseconds(500))
            throw error
        }
    }

    /// Publishes all that waits now, if no other process is at it.
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
            // Given back at once: the next command must not wait for this one's lease to run out.
            _ = try await ledger.takeLease(leaseName, owner: owner, milliseconds: 0)
        }
    }
}
