import Analytics
import CRM
import Confirmations
import Control
import Delivery
import HTTP
import Ingest
import Intake
import Kafka
import Ledger
import Lifecycle
import Limiter
import Orders
import Telemetry

/// Puts the processes together: the same parts, whether each is a process of its own or all are `dev`.
struct Assembly: Sendable {
    let base: Base
    let ledger: Ledger
    let kafka: ClientProperties
    /// The embedded broker's random id; nil: the cluster is asked for its own.
    let cluster: String?

    /// `ingest` serves once both topics before it, `control` and `ratelimit`, have been read to their ends, and `orders` is
    /// there.
    func ingest(
        listen: String, threads: Int, trusting proxies: TrustedProxies
    ) throws -> (before: [any Service], ingest: IngestProcess) {
        let control = ControlReplica(kafka, metrics: base.metrics, log: base.log)
        let limiter = Limiter(.of(kafka, control, isEmbedded: cluster != nil), metrics: base.metrics, log: base.log)
        let producer = try Producer(kafka.telling(base.log))
        let ingest = IngestProcess(
            IngestProcess.Parts(
                listen: listen, threads: threads, control: control, producer: producer, ledger: ledger,
                gate: LimiterGate(limiter) { control.quota($0) },
                trustedProxies: proxies, metrics: base.metrics, log: base.log))
        return ([control, limiter, OrdersTopic(producer, log: base.log)], ingest)
    }

    /// The connections to the mail server stand in a stage before the worker: they are closed when it has ended.
    func confirmations(_ settings: ConfirmationsSettings) -> (before: any Service, worker: Worker) {
        let parts = ConfirmationsWorker(
            settings, account: { [ledger] in try await ledger.account($0) },
            now: { Timestamp(milliseconds: WallClock.milliseconds()) })
        return (MailConnections(worker: parts), worker(parts.planner) { parts.adapter(for: $0) })
    }

    func analytics() -> Worker {
        worker(AnalyticsPlanner { [ledger] in try await ledger.orders($0) }, writesDeadLetters: false)
    }

    func crm() -> Worker {
        let parts = CRMWorker(books: ledger, client: Client())
        return worker(parts.planner) { parts.adapter(for: $0) }
    }

    /// Every process that writes the ledger drains its outbox.
    func drainer() -> OutboxDrainer {
        OutboxDrainer(ledger: ledger, properties: kafka, owner: base.processID, log: base.log)
    }

    private func worker(
        _ planner: any Planner, writesDeadLetters: Bool = true, adapters: @escaping AdapterResolver = { _ in nil }
    ) -> Worker {
        var parts = Worker.Parts(
            planner: planner, adapters: adapters, ledger: ledger, kafka: kafka, cluster: cluster,
            writesDeadLetters: writesDeadLetters, owner: base.processID, metrics: base.metrics, journal: base.log)
        parts.time = base.time
        return Worker(parts)
    }
}
