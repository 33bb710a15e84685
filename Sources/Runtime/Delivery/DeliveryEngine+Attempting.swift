import Intake
import Ledger
import Lifecycle
import Orders
import Synchronization
import Telemetry

extension DeliveryEngine {
    /// How long after its time-out an attempt that has not ended is given up; well within the lease's margin.
    static let grace = Duration.seconds(2)

    func begin(_ held: Lane.Held, _ adapter: any Adapter) {
        Task { await attempt(held, adapter) }
    }

    private func attempt(_ held: Lane.Held, _ adapter: any Adapter) async {
        let row = held.row
        let known: (event: Event, history: [Event])?
        do throws(LedgerError) {
            known = try await read(row)
        } catch {
            heard(error)
            return finish(held, .throttled(.seconds(1)), took: .zero, adapter, Judgement.givenBack(row))
        }
        // Checked at the send: what came before may have taken long.
        guard held.lease.mayStart(at: now, timeout: adapter.timeout), !state.withLock({ $0.isStopping }) else {
            return finish(held, .none, took: .zero, adapter, Judgement.givenBack(row))
        }
        let startedAt = parts.time.wall
        let began = now
        let outcome: Outcome
        if let known {
            let attempt = Attempt(
                delivery: row, event: known.event, history: known.history, timeout: adapter.timeout)
            outcome = await run(attempt, adapter)
        } else {
            outcome = .permanent(why: "the event is not in the ledger any more")
        }
        if case .done = outcome { KillPoint.messageSent.hit() }
        let took = now - began
        let age = known.map { Duration.milliseconds(startedAt.milliseconds - $0.event.time.milliseconds) } ?? .zero
        let completion = Judgement(policy: adapter.retry, random: parts.random)
            .completion(of: outcome, for: row, startedAt: startedAt, took: took, age: max(.zero, age))
        measure(row, outcome, took: took, age: max(.zero, age))
        finish(held, outcome.sign, took: took, adapter, completion)
    }

    /// The row's event, and the events of its key up to it; nil where they were deleted.
    private func read(_ row: LeasedDelivery) async throws(LedgerError) -> (event: Event, history: [Event])? {
        let stored = try await parts.ledger.events(ofKey: row.key, worker: parts.worker)
        if let index = stored.firstIndex(where: { $0.event.id == row.eventID }) {
            return (stored[index].event, stored[...index].map(\.event))
        }
        // A conflict is in nobody's history.
        return try await parts.ledger.event(row.eventID, worker: parts.worker).map { ($0.event, [$0.event]) }
    }

    /// The adapter's outcome, or `unknown` where it has none in time.
    private func run(_ attempt: Attempt, _ adapter: any Adapter) async -> Outcome {
        let once = Once<Outcome>()
        let id = attempt.delivery.id
        let task = Task { _ = once.give(await adapter.attempt(attempt)) }
        state.withLock { $0.running[id] = Running(task: task, outcome: once) }
        wake(.attempt(id), at: now + adapter.timeout + Self.grace)
        let outcome = await once.value
        state.withLock { state in
            state.running[id] = nil
            state.wakeUps.remove(.attempt(id))
        }
        return outcome
    }

    /// An attempt did not end in time, or the process cannot wait for it: its outcome is unknown.
    func overstay(_ id: Int64) {
        guard let running = state.withLock({ $0.running[id] }) else { return }
        running.task.cancel()
        guard running.outcome.give(.unknown(why: "no answer in time")) else { return }
        parts.journal.warning("an attempt did not end in time", ["row": "\(id)"])
    }

    private func finish(
        _ held: Lane.Held, _ sign: Lane.Sign, took: Duration, _ adapter: any Adapter, _ completion: Completion
    ) {
        let now = now
        let destination = held.row.destination
        var change = Breaker.Change.none
        with(destination) { lane in
            change = lane.ended(
                held.row.id, sign, took: took, at: now, policy: .breaker, random: parts.random)
        }
        completer.add([completion])
        switch change {
        case .opened:
            parts.journal.error(
                "a destination is left alone for a while", ["destination": destination, "why": completion.answer])
        case .closed: parts.journal.info("a destination answers again", ["destination": destination])
        case .none: break
        }
        tellIfIdle()
    }

    private func measure(_ row: LeasedDelivery, _ outcome: Outcome, took: Duration, age: Duration) {
        let kind = row.destination
        parts.metrics.attempts.add(1, parts.worker, kind, outcome.name)
        parts.metrics.attemptSeconds.record(took.inSeconds, parts.worker, kind)
        if row.attempt == 0 { parts.metrics.firstAttempt.record(age.inSeconds, parts.worker) }
        if case .done = outcome {
            parts.metrics.acceptedToDelivered.record((age + took).inSeconds, parts.worker)
        }
    }
}

extension Outcome {
    /// What it says about the receiver.
    var sign: Lane.Sign {
        switch self {
        case .done, .permanent, .declined: .answered
        case .retry(let after?, _): .throttled(min(after, .seconds(60)))
        case .retry(nil, _), .unknown: .failed(isDecisive: false)
        case .configuration: .failed(isDecisive: true)
        }
    }
}
