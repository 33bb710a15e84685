import Intake
import Ledger
import Lifecycle
import Orders
import Primitives
import Synchronization
import Telemetry
import Tracing

/// The attempts under way: each is run once its lease allows, and given up if it does not end in time.
final class Attempts: Sendable {
    /// What an attempt came to.
    struct Ended {
        /// What it says about the receiver.
        var sign: Lane.Sign
        var took: Duration
        var completion: Completion
        /// Of the event; nil where it has none, or was not read.
        var traceparent: String?
    }

    private struct Running {
        var delivery: LeasedDelivery
        var traceparent: String?
        var kind: String
        var task: Task<Void, Never>
        var outcome: Once<Outcome>
    }

    private struct State {
        var running: [Int64: Running] = [:]
        var isStopping = false
    }

    private let context: WorkerContext
    private let contact: LedgerContact
    private let metrics: DeliveryMetrics
    private let state = Mutex(State())
    private let alarm: Alarm<Int64>

    init(_ context: WorkerContext, _ contact: LedgerContact, metrics: DeliveryMetrics) {
        self.context = context
        self.contact = contact
        self.metrics = metrics
        alarm = Alarm(time: context.time)
    }

    private var now: ContinuousClock.Instant { context.time.now }

    /// One attempt, from the row to its outcome.
    func run(_ held: Lane.Held, _ adapter: any Adapter) async -> Ended {
        let row = held.row
        let known: (event: Event, history: [Event])?
        do throws(LedgerError) {
            known = try await read(row)
        } catch {
            return Ended(sign: .throttled(.seconds(1)), took: .zero, completion: Judgement.givenBack(row))
        }
        // Checked just before sending: what came before may have taken long.
        guard held.lease.mayStart(at: now, timeout: adapter.timeout), !state.withLock({ $0.isStopping }) else {
            return Ended(sign: .none, took: .zero, completion: Judgement.givenBack(row))
        }
        let startedAt = context.time.wall
        let began = now
        let outcome: Outcome
        let span = known.flatMap { context.tracer?.attempt(of: row, $0.event) }
        if let known {
            outcome = await bounded(
                Attempt(
                    delivery: row, event: known.event, history: known.history, timeout: adapter.timeout, span: span),
                adapter)
        } else {
            outcome = .permanent(why: "the event is no longer in the ledger")
        }
        if case .done = outcome { KillPoint.messageSent.hit() }
        let took = now - began
        let age = known.map { Duration.milliseconds(startedAt.milliseconds - $0.event.time.milliseconds) } ?? .zero
        let completion = Judgement(policy: adapter.retry, random: context.random)
            .completion(of: outcome, for: row, startedAt: startedAt, took: took, age: max(.zero, age))
        measure(row, adapter.kind, outcome, took: took, age: max(.zero, age))
        span?.end(row, kind: adapter.kind, outcome)
        let ended = Ended(
            sign: outcome.sign, took: took, completion: completion, traceparent: known?.event.traceparent)
        say(ended)
        return ended
    }

    private func say(_ ended: Ended) {
        let completion = ended.completion
        func fields(_ own: [String: String]) -> [String: String] {
            completion.delivery.logFields(traceparent: ended.traceparent).merging(own) { $1 }
        }
        if case .dead(let reason) = completion.verdict {
            context.log.warning("a delivery is given up", fields(["why": reason]))
        } else {
            context.log.debug(
                "an attempt ended", fields(["outcome": completion.outcome, "answer": completion.answer]))
        }
    }

    /// The row's event, and the events of its key up to it; nil if they were deleted.
    private func read(_ row: LeasedDelivery) async throws(LedgerError) -> (event: Event, history: [Event])? {
        try await contact.ask { ledger throws(LedgerError) in
            let stored = try await ledger.events(ofKey: row.key, worker: context.worker)
            var history: [Event] = []
            for stored in stored {
                history.append(try stored.orderEvent())
                if stored.event.id == row.eventID { return (history[history.count - 1], history) }
            }
            // A conflict is not part of any history.
            return try await ledger.event(row.eventID, worker: context.worker).map { stored throws(LedgerError) in
                let event = try stored.orderEvent()
                return (event, [event])
            }
        }
    }

    /// The adapter's outcome, or `unknown` if it does not come in time.
    private func bounded(_ attempt: Attempt, _ adapter: any Adapter) async -> Outcome {
        let once = Once<Outcome>()
        let id = attempt.delivery.id
        let task = Task { _ = once.give(await adapter.attempt(attempt)) }
        state.withLock {
            $0.running[id] = Running(
                delivery: attempt.delivery, traceparent: attempt.event.traceparent, kind: adapter.kind, task: task,
                outcome: once)
        }
        alarm.set(id, at: now + adapter.timeout + Attempt.grace) { [weak self] in self?.overstayed($0) }
        let outcome = await once.value
        state.withLock { $0.running[id] = nil }
        alarm.remove(id)
        return outcome
    }

    /// An attempt did not end in time, or the process cannot wait for it: its outcome is unknown.
    private func overstayed(_ id: Int64) {
        guard let running = state.withLock({ $0.running[id] }) else { return }
        running.task.cancel()
        guard running.outcome.give(.unknown(why: "no answer in time")) else { return }
        metrics.overstayed.add(1, context.worker, running.kind)
        context.log.warning(
            "an attempt exceeded its time limit", running.delivery.logFields(traceparent: running.traceparent))
    }

    private func measure(
        _ row: LeasedDelivery, _ kind: String, _ outcome: Outcome, took: Duration, age: Duration
    ) {
        metrics.attempts.add(1, context.worker, kind, outcome.name)
        metrics.attemptSeconds.record(took.inSeconds, context.worker, kind)
        if row.attempt == 0 { metrics.firstAttempt.record(age.inSeconds, context.worker) }
        if case .done = outcome { metrics.acceptedToDelivered.record((age + took).inSeconds, context.worker) }
    }

    // MARK: Stopping

    /// From now on no attempt begins.
    func stop() { state.withLock { $0.isStopping = true } }

    /// Asks those under way to end.
    func cancel() { for running in state.withLock({ Array($0.running.values) }) { running.task.cancel() } }

    /// Gives up those under way.
    func giveUp() {
        for id in state.withLock({ Array($0.running.keys) }) { overstayed(id) }
        alarm.cancel()
    }

    /// Whether no attempt is due to be given up.
    func isAtRest(at now: ContinuousClock.Instant) -> Bool { alarm.isAtRest(at: now) }
}

extension Outcome {
    /// What it says about the receiver.
    package var sign: Lane.Sign {
        switch self {
        case .done, .permanent, .declined: .answered
        case .retry(let after?, _): .throttled(min(after, .seconds(60)))
        case .retry(nil, _), .unknown: .failed(isDecisive: false)
        case .configuration: .failed(isDecisive: true)
        }
    }
}
