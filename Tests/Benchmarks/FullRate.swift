import Ledger
import Support
import Synchronization

/// Processes of a worker that take events in and close their rows as fast as they can, each a partition of its own.
final class FullRate: Sendable {
    private static let clients = 2
    private let count = Atomic(0)
    private let isEnough = Atomic(false)
    private let ledgers: [Ledger]
    private let round: Int

    /// - Parameters:
    ///   - url: of a ledger that no other process writes under the same partitions.
    ///   - round: another one for each on the same ledger, whose events are new ones.
    init(_ url: String, round: Int = 0) async throws {
        self.round = round
        var ledgers: [Ledger] = []
        for _ in 0..<Self.clients { ledgers.append(try await LedgerBenchmark.open(url)) }
        self.ledgers = ledgers
    }

    /// Events whose rows are all closed.
    var done: Int { count.load(ordering: .relaxed) }

    static var words: String { "\(clients) processes, planned to done" }

    /// Writes while `body` runs.
    func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (client, ledger) in ledgers.enumerated() { group.addTask { try await self.write(client, ledger) } }
            defer { isEnough.store(true, ordering: .relaxed) }
            let result = try await body()
            isEnough.store(true, ordering: .relaxed)
            try await group.waitForAll()
            for ledger in ledgers { await ledger.close() }
            return result
        }
    }

    private func write(_ client: Int, _ ledger: Ledger) async throws {
        let size = LedgerBenchmark.batchSize
        var start = (round * Self.clients + client) * 100_000_000
        while !isEnough.load(ordering: .relaxed) {
            try await LedgerBenchmark.takeIn(
                start..<start + size, partition: Int32(client), room: size, ledger, owner: "\(client)",
                isCompleting: true)
            start += size
            count.add(size, ordering: .relaxed)
        }
    }
}
