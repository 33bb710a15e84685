import Kafka
import RateLimit
import Synchronization

/// One reading of topic `ratelimit`, from its start plan to its first error: then everything it knew is dropped, and
/// another session begins with its own process id.
final class Session: Sendable {
    let drivers: [PartitionDriver]
    private let settings: LimiterSettings
    private let plan: StartPlan
    private let ticker: Ticker
    private let reader = Mutex<TopicReader?>(nil)
    private let caughtUp: @Sendable () -> Void
    private let hasCaughtUp = Atomic(false)

    /// - Parameter caughtUp: called once, when an own probe was read back in every partition.
    init(
        _ settings: LimiterSettings, _ plan: StartPlan, outside: PartitionDriver.Outside,
        caughtUp: @escaping @Sendable () -> Void
    ) {
        self.settings = settings
        self.caughtUp = caughtUp
        self.plan = plan
        let process = ProcessID(settings.random())
        let ticker = Ticker()
        drivers = plan.starts.keys.sorted().map { partition in
            let isWhole = plan.starts[partition]?.isWhole ?? false
            return PartitionDriver(
                partition, Claimant(process: process, isWhole: isWhole, rules: settings.rules), outside: outside,
                wake: ticker.wake)
        }
        self.ticker = ticker
        ticker.start { [weak self] in self?.tick() }
    }

    /// Reads until an error, or until the session is closed. Its first act in every partition is a probe.
    func run() async throws {
        let reader = try await TopicReader(settings.properties, topic: LimiterSettings.topic, start: plan.offsets)
        self.reader.withLock { $0 = reader }
        tick()
        while let records = try await reader.next(maximum: 4_096) {
            if !settings.acceptsProducerTime, let wrong = records.first(where: { !$0.isTimestampFromBroker }) {
                throw LimiterError.producerTime(wrong)
            }
            distribute(records)
            if !hasCaughtUp.load(ordering: .relaxed), partitionsBehind == 0 {
                hasCaughtUp.store(true, ordering: .relaxed)
                caughtUp()
            }
        }
    }

    /// The driver of a limit's partition.
    func driver(of id: LimitID) -> PartitionDriver { drivers[Int(id.partition(of: Int32(drivers.count)))] }

    /// How many partitions were not yet read to their end.
    var partitionsBehind: Int { drivers.count { !$0.look { claimant, _ in claimant.isReady } } }

    func close() async {
        ticker.end()
        for driver in drivers { driver.close() }
        await reader.withLock { $0 }?.close(timeout: .seconds(1))
    }

    private func tick() { for driver in drivers { driver.tick() } }

    /// Runs of records of one partition go to its driver in one go.
    private func distribute(_ records: [Record]) {
        var start = 0
        while start < records.count {
            let partition = records[start].source.partition
            var end = start + 1
            while end < records.count, records[end].source.partition == partition { end += 1 }
            drivers[Int(partition)].read(records[start..<end])
            start = end
        }
    }
}
