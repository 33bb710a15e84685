import Database
import Orders

/// What is noted of partitions that workers do not read, so that other processes can tell of them.
extension Ledger {
    /// Longer reasons are cut.
    private static let whyCharactersMaximum = 1000

    /// Notes that the worker has stopped reading the partition where its position is now.
    public func noteStop(of worker: String, in source: LogPartition, why: String) async throws(LedgerError) {
        let values = source.values(worker: worker) + [.text(String(why.prefix(Self.whyCharactersMaximum)))]
        _ = try await transaction([Statement(StopStatements.note, values)])
    }

    /// The worker reads the partition (again). Writes only where a stop is noted, of whichever cluster.
    public func forgetStop(of worker: String, in source: LogPartition) async throws(LedgerError) {
        let place: [Value] = [.text(worker), .text(source.topic), .integer(Int64(source.partition))]
        guard try await !read(StopStatements.isNoted, place).isEmpty else { return }
        _ = try await transaction([Statement(StopStatements.forget, place)])
    }

    /// The workers that have stopped at the partition and not gone on since, by name; usually none.
    public func stops(in topic: String, partition: Int32) async throws(LedgerError) -> [StoppedPartition] {
        var stops: [StoppedPartition] = []
        for row in try await read(StopStatements.stops, [.text(topic), .integer(Int64(partition))]) {
            var reader = RowReader(row, "a stopped partition")
            let worker = try reader.text()
            let source = LogPartition(cluster: try reader.text(), topic: topic, partition: partition)
            stops.append(
                StoppedPartition(
                    worker: worker, source: source, position: try reader.integer(), why: try reader.text(),
                    since: Timestamp(milliseconds: try reader.integer())))
        }
        return stops
    }

    /// How many workers run, read the partition, and have not stopped there.
    public func readers(of source: LogPartition) async throws(LedgerError) -> Int {
        let place: [Value] = [.text(source.cluster), .text(source.topic), .integer(Int64(source.partition))]
        guard let row = try await read(StopStatements.readers, place).first else { throw .unreadable("a count") }
        var reader = RowReader(row, "a count")
        return Int(try reader.integer())
    }
}
