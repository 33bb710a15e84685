import Intake
import Ledger
import Lifecycle
import Synchronization
import Telemetry

/// Whether the ledger answers this worker: every call of the delivery half goes through here and is noted.
final class LedgerContact: Sendable {
    private let context: WorkerContext
    private let isAwayGauge: Gauge
    private let connection = Mutex(LedgerConnection())

    init(_ context: WorkerContext) {
        self.context = context
        isAwayGauge = Self.register(in: context)
    }

    @discardableResult
    static func register(in context: WorkerContext) -> Gauge {
        let isAwayGauge = context.metrics.gauge(
            "orderrelay_delivery_ledger_away", "1 while the ledger does not answer.",
            labels: [Label("worker", [context.worker])])
        return isAwayGauge
    }

    /// Calls the ledger, and notes whether it answered. Throws what the call throws.
    ///
    /// After an outage another ledger may answer: what a restored one says of rows is not to be acted upon.
    func ask<Answer>(
        _ question: (Ledger) async throws(LedgerError) -> Answer
    ) async throws(LedgerError) -> Answer {
        do throws(LedgerError) {
            if isAway { try await context.beat.look(at: context.ledger) }
            guard !context.beat.age.isRestored else { throw LedgerError(.unavailable, context.beat.age.restored) }
            let answer = try await question(context.ledger)
            answered()
            return answer
        } catch {
            failed(error)
            throw error
        }
    }

    /// A call got no answer.
    func failed(_ error: LedgerError) {
        connection.withLock { $0.failed() }
        isAwayGauge.set(1, context.worker)
        context.ledgerOutage.goesOn("\(error)", reason: "\(error.code)")
    }

    /// The ledger answered a call.
    func answered() {
        let now = context.time.now
        connection.withLock { $0.answered(at: now) }
        isAwayGauge.set(0, context.worker)
        context.ledgerOutage.ends()
    }

    /// Whether the latest call failed.
    var isAway: Bool { connection.withLock { $0.isBroken } }
    /// Whether others' leases may be taken away.
    var mayRescue: Bool {
        let now = context.time.now
        return connection.withLock { $0.mayRescue(at: now) }
    }
}
