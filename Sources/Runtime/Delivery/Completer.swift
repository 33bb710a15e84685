import Ledger
import Lifecycle
import Synchronization
import Telemetry

/// Writes outcomes to the ledger, many in one transaction: whatever gathers while one batch is written goes into the
/// next, so a lone outcome waits for nothing and a flood costs few commits.
final class Completer: Sendable {
    /// Outcomes of one transaction.
    static let batchMax = 200

    private struct State {
        var buffer: [Completion] = []
        var isWriting = false
        /// The ledger is away; it waits to try again.
        var isPausing = false
        var waiters: [Once<Void>] = []
    }

    private let state = Mutex(State())
    private let time: any Timekeeper
    private let random: Randomness
    private let journal: Log
    private let line: Waiting
    private let write: @Sendable ([Completion]) async throws(LedgerError) -> Set<Int64>
    private let written: @Sendable ([Completion], Set<Int64>) -> Void

    /// - Parameters:
    ///   - write: writes a batch; the ids that were written.
    ///   - written: told of each batch afterwards.
    init(
        time: any Timekeeper, random: Randomness, journal: Log,
        write: @escaping @Sendable ([Completion]) async throws(LedgerError) -> Set<Int64>,
        written: @escaping @Sendable ([Completion], Set<Int64>) -> Void
    ) {
        self.time = time
        self.random = random
        self.journal = journal
        line = Waiting(
            saying: "outcomes wait for the ledger", ending: "outcomes wait for the ledger no longer", log: journal)
        self.write = write
        self.written = written
    }

    /// Whether every outcome is in the ledger.
    var isEmpty: Bool { state.withLock { !$0.isWriting } }

    /// Whether it waits for a ledger that is away.
    var isPausing: Bool { state.withLock { $0.isPausing } }

    func add(_ completions: [Completion]) {
        if completions.isEmpty { return }
        let isFirst = state.withLock { state in
            state.buffer += completions
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if isFirst { Task { await run() } }
    }

    /// Returns once everything added so far is written, or its writing was given up.
    func flushed() async {
        let once = Once<Void>()
        let isWriting = state.withLock { state in
            if state.isWriting { state.waiters.append(once) }
            return state.isWriting
        }
        if isWriting { await once.value }
    }

    private func run() async {
        while let batch = next() {
            let ids = await writePersistently(batch)
            written(batch, ids)
        }
    }

    /// The next batch; nil, and the waiters are told, when there is none.
    private func next() -> [Completion]? {
        let (batch, waiters) = state.withLock { state -> ([Completion]?, [Once<Void>]) in
            guard !state.buffer.isEmpty else {
                state.isWriting = false
                defer { state.waiters = [] }
                return (nil, state.waiters)
            }
            let batch = Array(state.buffer.prefix(Self.batchMax))
            state.buffer.removeFirst(batch.count)
            return (batch, [])
        }
        for waiter in waiters { waiter.give(()) }
        return batch
    }

    private func writePersistently(_ batch: [Completion]) async -> Set<Int64> {
        var failures = 0
        while true {
            do throws(LedgerError) {
                let ids = try await write(batch)
                line.ends()
                return ids
            } catch {
                failures += 1
                guard error.isRetriable else { return await writeSingly(batch, error) }
                line.goesOn("\(error)", reason: "\(error.code)")
                let delay = RetryPolicy.dependency.delay(afterFailures: failures, random: random)
                // Never cancelled: this task belongs to nobody.
                state.withLock { $0.isPausing = true }
                try? await time.sleep(until: time.now + delay)
                state.withLock { $0.isPausing = false }
            }
        }
    }

    /// One bad outcome must not keep the others: each by itself, and what is refused is left to its lease's end.
    private func writeSingly(_ batch: [Completion], _ error: LedgerError) async -> Set<Int64> {
        if batch.count == 1 {
            journal.error("an outcome cannot be written", ["row": "\(batch[0].delivery.id)", "why": "\(error)"])
            return []
        }
        var ids: Set<Int64> = []
        for completion in batch { ids.formUnion(await writePersistently([completion])) }
        return ids
    }
}
