import Ledger

/// What a writer at leisure notices of others: small intakes and their completions, one after another.
enum SmallTurns {
    struct Turn: Sendable {
        var begin: ContinuousClock.Instant
        var time: Duration
    }

    /// Goes on until it is enough; how long each turn took.
    static func write(
        from first: Int, partition: Int32, _ ledger: Ledger, until isEnough: @Sendable () -> Bool
    ) async throws -> [Turn] {
        var turns: [Turn] = []
        var number = first
        while !isEnough() {
            let begin = ContinuousClock.now
            try await LedgerBenchmark.takeIn(
                number..<(number + 5), partition: partition, room: 5, ledger, owner: "w", isCompleting: true)
            turns.append(Turn(begin: begin, time: .now - begin))
            number += 5
        }
        return turns
    }

    static func report(_ what: String, _ turns: [Turn]) {
        let sorted = turns.map { $0.time / .milliseconds(1) }.sorted()
        guard let longest = sorted.last else { return print("  \(what): none") }
        let p99 = sorted[Int(Double(sorted.count - 1) * 0.99)]
        print("  \(what): \(sorted.count) turns, p99 \(Int(p99)) ms, longest \(Int(longest)) ms")
    }
}
