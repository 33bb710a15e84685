import Intake
import Kafka
import Ledger
import Synchronization
import Telemetry

/// Copies dead rows to topic `dead-letters`: as soon as one has died, and every few seconds those that could not be
/// copied then.
final class DeadLetterCopier: Chore {
    private static let every = Duration.seconds(5)
    /// Rows copied concurrently.
    private static let batchMaximum = 100

    private let context: WorkerContext
    private let contact: LedgerContact
    private let publisher: DeadLetterPublisher
    private let copied: Counter
    /// One run at a time.
    private let isCopying = Mutex(false)

    init(
        _ context: WorkerContext, _ contact: LedgerContact, _ publisher: DeadLetterPublisher, _ metrics: UpkeepMetrics
    ) {
        self.context = context
        self.contact = contact
        self.publisher = publisher
        copied = metrics.copied
    }

    func perform() async -> Duration {
        await copyAll()
        return context.random.about(Self.every)
    }

    /// Copies now; returns at once.
    func copy() { Task { await copyAll() } }

    /// Copies until no row is left; what fails is retried at the next run.
    private func copyAll() async {
        let isFirst = isCopying.withLock { isCopying in
            defer { isCopying = true }
            return !isCopying
        }
        guard isFirst else { return }
        defer { isCopying.withLock { $0 = false } }
        do {
            while try await copySome() {}
        } catch let error as LedgerError {
            context.log.debug("dead rows cannot be copied yet", ["why": "\(error)"])
        } catch {
            context.log.warning("dead rows cannot be copied yet", ["why": "\(error)"])
        }
    }

    /// False if no row was left.
    private func copySome() async throws -> Bool {
        let letters = try await contact.ask { ledger throws(LedgerError) in
            try await ledger.deadLetters(worker: context.worker, limit: Self.batchMaximum)
        }
        if letters.isEmpty { return false }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for letter in letters { group.addTask { try await self.publisher.copy(letter) } }
            try await group.waitForAll()
        }
        try await contact.ask { ledger throws(LedgerError) in try await ledger.markCopied(letters.map(\.id)) }
        copied.add(letters.count, context.worker)
        return true
    }

    var isAtRest: Bool { isCopying.withLock { !$0 } }
}
