import Database

/// What a restored ledger is made fit by: it does not know what was done since its backup was made. While no worker runs.
extension Ledger {
    /// A process of a worker that has shown itself within the last 15 s.
    public struct RunningProcess: Sendable, Equatable {
        public let worker, process: String
    }

    /// Those that use the ledger now, at most a thousand.
    public func runningProcesses() async throws(LedgerError) -> [RunningProcess] {
        var processes: [RunningProcess] = []
        for row in try await read(ConfigurationStatements.aliveProcesses) {
            var reader = RowReader(row, "a process")
            processes.append(RunningProcess(worker: try reader.text(), process: try reader.text()))
        }
        return processes
    }

    /// Takes every lease of the worker's rows away, and has whatever is open looked at before it is repeated.
    ///
    /// - Returns: how many leases there were.
    public func takeLeasesAway(from worker: String) async throws(LedgerError) -> Int {
        let count = try await repeatedly(Statement(ReintakeStatements.takeLeasesAway, [.text(worker)]))
        _ = try await repeatedly(Statement(ReintakeStatements.doubt, [.text(worker)]))
        return count
    }

    /// Parks every row of the worker that would be delivered: each waits, and what follows of its key, until somebody
    /// decides.
    ///
    /// - Returns: how many they are.
    public func parkOpen(of worker: String, reason: String) async throws(LedgerError) -> Int {
        try await repeatedly(Statement(ReintakeStatements.park, [.text(worker), .text(reason)]))
    }

    /// Notes that the records of the partition before `offset` may have been acted upon. The position must exist.
    public func noteRepeats(
        of worker: String, in source: LogPartition, until offset: Int64
    ) async throws(LedgerError) {
        _ = try await transaction([
            Statement(
                ReintakeStatements.repeatUntil, [.integer(offset)] + source.values(worker: worker), mustChange: 1)
        ])
    }

    /// Raises the beat to `beat`, where it is lower: workers that have seen a higher one do not use the ledger. Ends what
    /// ``noteReintake(by:)`` has begun.
    public func raiseBeat(to beat: Int64, by author: Author) async throws(LedgerError) {
        _ = try await transaction([
            Statement(ConfigurationStatements.raiseBeat, [.integer(beat)]),
            TrailNote(.reintakeEnded, "ledger", to: ["beat": "\(beat)"]).statement(by: author),
        ])
    }

    /// - Returns: how many rows were changed in all.
    private func repeatedly(_ statement: Statement) async throws(LedgerError) -> Int {
        var sum = 0
        while true {
            let count = try await transaction([statement])[0].count
            sum += count
            if count < ReintakeStatements.rowsMaximum { return sum }
        }
    }
}
