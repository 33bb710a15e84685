import Canary
public import Configuration
import Control
public import Delivery
public import Intake
public import Kafka
public import Ledger
public import Lifecycle
public import Telemetry
public import TraceExport
public import Tracing

/// What every process gets to build its services from.
public struct Surroundings: Sendable {
    public let environment: Environment
    /// The properties of all Kafka clients, already logged and counted.
    public let kafka: ClientProperties
    /// The embedded broker's random id; nil for a real cluster, which is asked for its own.
    public let cluster: String?
    /// Not open yet; the first of the services opens it.
    public let ledger: Ledger
    public let log: Log
    public let metrics: Metrics
    /// The clock of the ledger, and of everything whose times are in it.
    public let time: SteadyTime
    public let random = Randomness.system
    /// Random for each start: the owner of leases and rows.
    public let processID: String
    /// What records and exports traces; nil: nothing is traced.
    public let tracing: TracingParts?

    public init(
        environment: Environment, kafka: ClientProperties, cluster: String? = nil, ledger: Ledger, log: Log,
        metrics: Metrics, time: SteadyTime, processID: String, tracing: TracingParts? = nil
    ) {
        self.environment = environment
        self.kafka = kafka.counted(in: metrics)
        self.cluster = cluster
        self.ledger = ledger
        self.log = log
        self.metrics = metrics
        self.time = time
        self.processID = processID
        self.tracing = tracing
    }

    /// What a process's parts record with; nil: nothing is traced.
    public var tracer: Tracer? { tracing?.tracer }

    /// Whether the broker is the embedded one, which does not stamp records itself.
    public var isEmbedded: Bool { cluster != nil }

    /// The services of one process, or of several in one: stage by stage, after the ledger, which is opened first unless it
    /// is only watched, and with one drainer of its outbox if any of them writes it. The exporter of traces comes before all
    /// others, and so ends after them.
    ///
    /// - Throws: `ConfigurationError` if a setting is missing or invalid.
    public func stages(of processes: [ProcessDeclaration]) throws -> [[any Service]] {
        (tracing.map { [[$0.exporter]] } ?? []) + (try stagesAfterTracing(of: processes))
    }

    private func stagesAfterTracing(of processes: [ProcessDeclaration]) throws -> [[any Service]] {
        var merged: [[any Service]] = []
        for process in processes {
            for (index, stage) in try process.services(self).enumerated() {
                if index == merged.count { merged.append([]) }
                merged[index] += stage
            }
        }
        if processes.contains(where: { $0.ledger == .writes }), !merged.isEmpty {
            merged[0].append(OutboxDrainer(ledger: ledger, properties: kafka, owner: processID, log: log))
        }
        let uses = Set(processes.map(\.ledger)).subtracting([.none])
        guard !uses.isEmpty else { return merged }
        let opening = LedgerService(ledger, time: time, log: log)
        if uses == [.watches], !merged.isEmpty {
            merged[0].append(opening)
            return merged
        }
        return [[opening]] + merged
    }

    /// A worker with this planner, which delivers the canary's orders to nobody.
    ///
    /// - Parameter adapters: find the adapter of a destination; a worker that attempts nothing has none.
    /// - Throws: `ConfigurationError` if a setting is invalid.
    public func worker(
        _ planner: any Planner, adapters: @escaping AdapterResolver = { _ in nil }
    ) throws(ConfigurationError) -> Worker {
        let name = planner.worker
        let canary = try Canary(environment, metrics: metrics, worker: name)
        let planner = canary?.planner(planner) ?? planner
        return Worker(
            WorkerContext(
                worker: name, kinds: planner.kinds, owner: processID, ledger: ledger, metrics: metrics,
                log: log, time: time, random: random, tracer: tracer),
            planner: planner, adapters: { canary?.adapter(for: $0, of: name) ?? adapters($0) }, kafka: kafka,
            cluster: cluster)
    }
}
