import Events
public import Intake
public import Kafka
public import Ledger
public import Lifecycle
import Synchronization
public import Telemetry

/// Shows from outside the workers how far each has come, and what the ledger has of their rows: a worker that is gone, or
/// stands still, cannot say so itself.
///
/// Of several processes one shows it, by a lease in the ledger; the others show nothing. Positions are read at each
/// interval, which costs a few questions by keys. Rows are counted seldom, and the less often the longer it takes.
public final class BooksWatch: Service {
    private static let lease = "books"
    /// Intervals for which the lease is taken: it outlasts readings that fail.
    private static let leaseIntervals = 4
    private static let countEvery = Duration.seconds(60)
    /// What counting may take of the time: one part in so many.
    private static let countShare = 100
    /// How often it looks whether the ledger is there.
    private static let openEvery = Duration.seconds(1)

    private struct State {
        var tasks: [Task<Void, Never>] = []
        var heldUntil: ContinuousClock.Instant?
        var cluster: String?
        /// A connection is never of another kind than before.
        var kinds: FoundKinds = [:]
    }

    public let name = "books"
    private let ledger: Ledger
    private let kafka: ClientProperties
    private let workers: [WorkerDeclaration]
    private let every: Duration
    private let owner: String
    private let time: any Timekeeper
    private let metrics: BooksMetrics
    private let outage: Outage
    private let state: Mutex<State>

    /// - Parameters:
    ///   - workers: whose books they are.
    ///   - every: how often positions are read.
    ///   - owner: this process, random for each start.
    ///   - cluster: the embedded broker's random id; nil: the cluster is asked for its own.
    public init(
        _ ledger: Ledger, _ kafka: ClientProperties, workers: [WorkerDeclaration], every: Duration, owner: String,
        cluster: String? = nil, metrics: Metrics, log: Log, time: any Timekeeper = SystemTime()
    ) {
        self.ledger = ledger
        self.kafka = kafka
        self.workers = workers
        self.every = every
        self.owner = owner
        self.time = time
        self.metrics = BooksMetrics(metrics, workers: workers)
        outage = Outage(
            saying: "positions and rows cannot be shown", ending: "positions and rows are shown again", log: log)
        state = Mutex(State(cluster: cluster))
    }

    /// It never keeps a process from being ready: the limit is audited without it, and its metrics say how old they are.
    public var notReady: String? { nil }

    public func start() async throws {
        let tasks = [Task { await self.watch() }, Task { await self.count() }]
        state.withLock { $0.tasks = tasks }
    }

    public func stop(by deadline: ContinuousClock.Instant) async {
        let tasks = state.withLock { $0.tasks }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        // Given up at once, so that another need not wait for its end.
        if isHolder { _ = try? await ledger.takeLease(Self.lease, owner: owner, milliseconds: 0) }
    }

    private var isHolder: Bool { state.withLock { $0.heldUntil.map { $0 > time.now } ?? false } }

    // MARK: Positions

    private func watch() async {
        // Who opens the ledger says what it waits for.
        while !ledger.isUpToDate {
            do { try await time.sleep(until: time.now + min(every, Self.openEvery)) } catch { return }
        }
        var reading: LogReading?
        while !Task.isCancelled {
            let next = time.now + every
            do {
                try await look(&reading, until: next)
                outage.ends()
            } catch {
                guard !Task.isCancelled else { break }
                metrics.failed()
                outage.goesOn("\(error)")
                // Figures that are a little old are better than none; by then another process may show them.
                if !isHolder { metrics.hide() }
            }
            do { try await time.sleep(until: next) } catch { break }
        }
        await reading?.close()
    }

    private func look(_ reading: inout LogReading?, until deadline: ContinuousClock.Instant) async throws {
        guard try await takeLease() else { return metrics.hide() }
        var log = try reading ?? LogReading(kafka, time: time)
        log.begin(until: deadline)
        reading = log
        let cluster: String
        if let known = state.withLock({ $0.cluster }) {
            cluster = known
        } else {
            cluster = try await log.clusterID()
            state.withLock { $0.cluster = cluster }
        }
        let failure = try await readPositions(of: cluster, &log)
        reading = log
        if let failure { throw failure }
        metrics.read(at: Double(time.wall.milliseconds) / 1000)
    }

    private func takeLease() async throws(LedgerError) -> Bool {
        let length = every * Self.leaseIntervals
        let until = time.now + length
        let isHeld = try await ledger.takeLease(Self.lease, owner: owner, milliseconds: length.milliseconds)
        state.withLock { $0.heldUntil = isHeld ? until : nil }
        return isHeld
    }

    /// The ledger's part first: topics only grow meanwhile.
    ///
    /// - Returns: why something of a partition is not known; the others are shown.
    private func readPositions(of cluster: String, _ log: inout LogReading) async throws -> KafkaError? {
        var positions: [String: [LogPartition: Position]] = [:]
        for worker in workers {
            positions[worker.name] = try await ledger.positions(of: worker.name, cluster: cluster)
            try await readOverdue(of: worker)
        }
        let topics = Set(workers.flatMap(\.topics)).sorted()
        var failure: KafkaError?
        for topic in topics {
            let retention = await log.retention(of: topic, among: topics)
            for place in try await log.partitions(of: topic) {
                // A question under way is awaited at a stop, and no further one is asked.
                try Task.checkCancellation()
                do throws(KafkaError) {
                    let range = try await log.log(of: place)
                    for worker in workers where worker.topics.contains(topic) {
                        guard let position = Self.position(in: place, cluster, range, positions[worker.name] ?? [:])
                        else { continue }
                        let partition = AuditedPartition(
                            worker: worker.name, place: place, position: position, log: range)
                        let oldest = try await log.oldest(of: partition)
                        metrics.show(
                            PartitionFigures(partition, oldest: oldest, retention: retention, now: time.wall),
                            of: worker.name, in: place)
                    }
                } catch { failure = error }
            }
        }
        return failure
    }

    /// A partition that the worker has not come to is unread from its beginning; nil for a worker that never ran here.
    private static func position(
        in place: TopicPartition, _ cluster: String, _ log: Range<Int64>, _ positions: [LogPartition: Position]
    ) -> Position? {
        guard !positions.isEmpty else { return nil }
        return positions[LogPartition(cluster: cluster, topic: place.topic, partition: place.partition)]
            ?? Position(base: log.lowerBound, next: log.lowerBound)
    }

    private func readOverdue(of worker: WorkerDeclaration) async throws {
        let pending = try await ledger.pendingDestinations(of: worker.name)
        let now = time.wall.milliseconds
        let late = pending.map { ($0.destination, max(0, Double(now - $0.dueAt.milliseconds) / 1000)) }
        metrics.showOverdue(late, of: worker.name, try await kinds(of: pending.map(\.destination), worker))
    }

    // MARK: Rows

    private func count() async {
        var due = time.now
        while !Task.isCancelled {
            // One that gets the lease counts at once.
            if !isHolder { due = time.now }
            if isHolder, let cluster = state.withLock({ $0.cluster }), time.now >= due {
                let began = time.now
                do { try await countRows(in: cluster) } catch {
                    if !Task.isCancelled {
                        metrics.failed()
                        outage.goesOn("\(error)")
                    }
                }
                due = time.now + max(Self.countEvery, (time.now - began) * Self.countShare)
            }
            do { try await time.sleep(until: time.now + every) } catch { return }
        }
    }

    private func countRows(in cluster: String) async throws {
        for books in try await ledger.books(of: workers.map(\.name), cluster: cluster) {
            guard let worker = workers.first(where: { $0.name == books.worker }) else { continue }
            let kinds = try await kinds(of: books.destinations.map(\.destination), worker)
            if isHolder { metrics.show(books, kinds) }
        }
    }

    /// The kinds of the destinations' connections.
    private func kinds(of destinations: [Destination], _ worker: WorkerDeclaration) async throws -> FoundKinds {
        let connections = destinations.compactMap(DestinationKinds(worker).connection)
        let known = state.withLock { $0.kinds }
        let unknown = connections.filter { known[$0] == nil }
        guard !unknown.isEmpty else { return known }
        let found = try await ledger.kinds(ofConnections: unknown)
        return state.withLock { state in
            state.kinds.merge(found) { $1 }
            return state.kinds
        }
    }
}
