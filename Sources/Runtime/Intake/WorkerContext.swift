public import Ledger
public import Lifecycle
public import Telemetry
public import Tracing

/// What all parts of a worker use: made once, and the same for its intake and its delivery.
public struct WorkerContext: Sendable {
    /// `confirmations`, `analytics`, `crm` …
    public let worker: String
    /// What its destinations are, for metrics: as its declaration says.
    public let kinds: [String]
    /// This process, random for each start: the owner of what it leases.
    public let owner: String
    public let ledger: Ledger
    public let metrics: Metrics
    public let log: Log
    /// How old the ledger is that answers.
    public let beat = LedgerBeat()
    /// The outage of an unavailable ledger, shared by both halves.
    public let ledgerOutage: Outage
    public let time: any Timekeeper
    public let random: Randomness
    /// nil: nothing is traced.
    public let tracer: Tracer?

    public init(
        worker: String, kinds: [String] = [], owner: String, ledger: Ledger, metrics: Metrics, log: Log,
        time: any Timekeeper = SystemTime(), random: Randomness = .system, tracer: Tracer? = nil
    ) {
        self.worker = worker
        self.kinds = kinds
        self.owner = owner
        self.ledger = ledger
        self.metrics = metrics
        self.log = log
        ledgerOutage = Outage(of: "the ledger", log: log)
        self.time = time
        self.random = random
        self.tracer = tracer
    }
}
