import Foundation
import Ledger
import Support

/// The first minute of a database that nobody has analysed, beside the minute after it: plans must not depend on statistics.
enum FreshBenchmark {
    static let usage = "[SECONDS [DISK_MS]]"
    private static let clients = 2

    @Sendable static func run(_ words: [String]) async throws {
        let seconds = words.first.flatMap(Int.init) ?? 60
        let server = try await LedgerBenchmark.server(
            diskMilliseconds: words.dropFirst().first.flatMap { Int($0) } ?? 1)
        let url = server.url(database: try await server.makeDatabase())
        let began = ContinuousClock.now
        // How many events were done in each of the two times.
        let done = Shared([0, 0])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<clients {
                let ledger = try await LedgerBenchmark.open(url)
                group.addTask {
                    let size = LedgerBenchmark.batchSize
                    var start = client * 100_000_000
                    while true {
                        let half = Int((.now - began) / .seconds(seconds))
                        guard half < 2 else { break }
                        try await LedgerBenchmark.takeIn(
                            start..<start + size, partition: Int32(client), room: size, ledger, owner: "\(client)",
                            isCompleting: true)
                        start += size
                        done.change { $0[half] += size }
                    }
                    await ledger.close()
                }
            }
            try await group.waitForAll()
        }
        let rates = done.now.map { $0 / seconds }
        print(
            "\(clients) processes, planned to done: \(rates[0]) events/s in the first \(seconds) s of a fresh database, "
                + "\(rates[1]) in the next: \(DeliveryBenchmark.text(Double(rates[0]) / Double(rates[1]))) (goal: 0.8)")
        withExtendedLifetime(server) {}
    }
}
