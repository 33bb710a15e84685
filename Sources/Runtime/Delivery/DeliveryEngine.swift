public import Intake
public import Ledger
import Lifecycle
import Primitives
import Telemetry

/// Gives the adapter of a destination; nil if the destination has none, no longer has one, or is switched off. Must be cheap: it
/// is called before every take, since connections change while the process runs.
public typealias AdapterResolver = @Sendable (_ destination: Destination) -> (any Adapter)?

/// The delivery half of a worker, composed of the parts that bring rows to their receivers.
public final class DeliveryEngine: Sendable {
    private let context: WorkerContext
    let contact: LedgerContact
    let attempts: Attempts
    let lanes: Lanes
    let copier: DeadLetterCopier?
    let upkeep: Upkeep
    let lookout: Lookout
    private let heartbeat: Heartbeat

    /// - Parameter deadLetters: nil: dead rows stay in the ledger only.
    public init(_ context: WorkerContext, adapters: @escaping AdapterResolver, deadLetters: DeadLetterPublisher?) {
        self.context = context
        let deliveryMetrics = DeliveryMetrics(context)
        let metrics = UpkeepMetrics(context)
        contact = LedgerContact(context)
        attempts = Attempts(context, contact, metrics: deliveryMetrics)
        copier = deadLetters.map { [context, contact] in DeadLetterCopier(context, contact, $0, metrics) }
        lanes = Lanes(
            context, contact, adapters: adapters, attempts: attempts, copier: copier, metrics: deliveryMetrics)
        heartbeat = Heartbeat(context, contact)
        lookout = Lookout(context, contact, lanes)
        var chores: [any Chore] = [
            heartbeat, Leases(context, contact, lanes), lookout,
            Rescuer(context, contact, lanes, metrics), Replayer(context, contact, lanes, metrics),
            Pruning(context, metrics),
        ]
        if let copier { chores.append(copier) }
        upkeep = Upkeep(chores, time: context.time)
        context.metrics.beforeRendering { [weak lanes] in lanes?.show() }
    }

    /// Registers its metrics, so that they are shown before there is an engine.
    static func register(in context: WorkerContext) {
        _ = (DeliveryMetrics(context), UpkeepMetrics(context))
        LedgerContact.register(in: context)
    }

    /// Where the intake reserves room, and passes its rows to.
    public var capacity: any DeliveryCapacity { lanes }

    /// Notes in the ledger that this process is alive.
    ///
    /// - Throws: `LedgerError` if the ledger does not answer.
    public func noteHeartbeat() async throws(LedgerError) { try await heartbeat.note() }

    /// Whether the latest call to the ledger failed.
    public var isLedgerAway: Bool { contact.isAway }

    /// Begins to look for due rows, and to write heartbeats.
    public func start() { upkeep.start() }

    /// Looks for due rows now; returns at once. Else rows that another process has given back wait for the next look.
    public func lookForDueRows() { lookout.lookNow() }

    // MARK: Stopping

    /// From now on new rows are given back, and so are those that wait.
    public func takeNothingMore() {
        attempts.stop()
        lanes.stop()
    }

    /// Takes nothing more, gives back what waits, lets attempts under way end, and writes all outcomes, by `deadline`.
    ///
    /// What has not ended shortly before the deadline is cancelled, and its outcome noted as unknown.
    public func stop(by deadline: ContinuousClock.Instant) async {
        takeNothingMore()
        await bounded(by: deadline - .milliseconds(1500)) { await $0.idle() }
        attempts.cancel()
        await bounded(by: deadline - .milliseconds(1000)) { await $0.idle() }
        attempts.giveUp()
        await bounded(by: deadline) { lanes in
            await lanes.idle()
            await lanes.completer.flushed()
        }
        upkeep.stop()
        lanes.close()
        if !lanes.completer.isEmpty { context.log.warning("outcomes could not be written before the end") }
    }

    /// Waits for `work`, at most until `deadline`; what is left of it goes on by itself.
    private func bounded(
        by deadline: ContinuousClock.Instant, _ work: @escaping @Sendable (Lanes) async -> Void
    ) async {
        let once = Once<Void>()
        let timer = Task {
            try? await context.time.sleep(until: deadline)
            once.give(())
        }
        Task {
            await work(lanes)
            once.give(())
        }
        await once.value
        timer.cancel()
    }
}
