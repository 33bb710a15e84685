import Intake
import Ledger
import Lifecycle
import Primitives
import Synchronization
import Telemetry

/// Writes outcomes to the ledger, many in one transaction: whatever gathers while one batch is written goes into the
/// next, so a lone outcome waits for nothing and a flood costs few commits.
final class Completer: Sendable {
    private struct State {
        var queue = OutcomeQueue()
        /// The ledger is away; it waits to try again.
        var isPausing = false
        var waiters: [Once<Void>] = []
    }

    private let context: WorkerContext
    private let contact: LedgerContact
    private let outage: Outage
    private let state = Mutex(State())

    init(_ context: WorkerContext, _ contact: LedgerContact) {
        self.context = context
        self.contact = contact
        outage = Outage(
            saying: "outcomes wait for the ledger", ending: "outcomes no longer wait for the ledger", log: context.log)
    }

    /// Whether every outcome is in the ledger.
    var isEmpty: Bool { state.withLock { !$0.queue.isWriting } }

    /// Whether it waits for an unavailable ledger.
    var isPausing: Bool { state.withLock { $0.isPausing } }

    /// - Returns: whether nobody writes yet: the caller must then ``run(written:)``.
    func add(_ completions: [Completion]) -> Bool {
        state.withLock { $0.queue.add(completions) }
    }

    /// Returns once everything added so far is written, or its writing was given up.
    func flushed() async {
        let once = Once<Void>()
        let isWriting = state.withLock { state in
            if state.queue.isWriting { state.waiters.append(once) }
            return state.queue.isWriting
        }
        if isWriting { await once.value }
    }

    /// Writes until there is nothing more to write.
    /// - Parameter written: called after each batch, with the ids that were written.
    func run(written: ([Completion], Set<Int64>) -> Void) async {
        while let batch = next() {
            let ids = await writePersistently(batch)
            written(batch, ids)
        }
    }

    /// The next batch; if nothing waits, nil, and the waiters are resumed.
    private func next() -> [Completion]? {
        let (batch, waiters) = state.withLock { state -> ([Completion]?, [Once<Void>]) in
            if let batch = state.queue.next() { return (batch, []) }
            defer { state.waiters = [] }
            return (nil, state.waiters)
        }
        for waiter in waiters { waiter.give(()) }
        return batch
    }

    private func writePersistently(_ batch: [Completion]) async -> Set<Int64> {
        do {
            return try await outage.persistently(
                time: context.time, random: context.random, reason: outageReason(of:),
                mayPass: { error in
                    state.withLock { $0.isPausing = mayPass(error) }
                    return mayPass(error)
                }
            ) { _ in
                state.withLock { $0.isPausing = false }
                KillPoint.beforeOutcome.hit()
                let ids = try await context.ledger.complete(batch, owner: context.owner)
                contact.answered()
                return ids
            }
        } catch {
            // Never cancelled: nobody holds this task.
            return await writeSingly(batch, error)
        }
    }

    /// One bad outcome must not block the others: each is written by itself, and a refused one is left until its lease
    /// ends.
    private func writeSingly(_ batch: [Completion], _ error: any Error) async -> Set<Int64> {
        if batch.count == 1 {
            context.log.error(
                "an outcome cannot be written", batch[0].delivery.logFields().merging(["why": "\(error)"]) { $1 })
            return []
        }
        var ids: Set<Int64> = []
        for completion in batch { ids.formUnion(await writePersistently([completion])) }
        return ids
    }
}
