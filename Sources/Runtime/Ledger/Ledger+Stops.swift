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

    /// All that workers have stopped at and not gone on since, by worker and place; usually none.
    public func stops() async throws(LedgerError) -> [StoppedPartition] {
        var stops: [StoppedPartition] = []
        for row in try await read(StopStatements.allStops) {
            var reader = RowReader(row, "a stopped partition")
            let worker = try reader.text()
            let source = LogPartition(
                cluster: try reader.text(), topic: try reader.text(), partition: Int32(clamping: try reader.integer()))
            stops.append(
                StoppedPartition(
                    worker: worker, source: source, position: try reader.integer(), why: try reader.text(),
                    since: Timestamp(milliseconds: try reader.integer())))
        }
        return stops
    }

    /// Books the records from `position` up to `next` as lost, and moves the position there: the worker that stopped at
    /// `position` goes on behind them.
    ///
    /// - Throws: ``LedgerError/Code/fenced`` where the worker has not stopped there, or has gone on since.
    public func bookLost(
        of worker: String, in source: LogPartition, from position: Int64, to next: Int64, by author: Author
    ) async throws(LedgerError) {
        let place = source.values(worker: worker)
        guard next > position, position >= 0 else {
            throw LedgerError(
                .other, "\(worker) at \(source.topic)/\(source.partition): no record lies from \(position) to \(next)")
        }
        do throws(DatabaseError) {
            _ = try await database.transaction([
                Statement(StopStatements.end, place + [.integer(position)], mustChange: 1),
                Statement(
                    IntakeStatements.lose,
                    [.integer(position), .integer(next), .integer(next - position)] + place, mustChange: 1),
                TrailNote(
                    .lossAccepted, "\(worker) \(source.topic)/\(source.partition)",
                    to: [
                        "cluster": source.cluster, "from": "\(position)", "to": "\(next - 1)",
                        "lost": "\(next - position)",
                    ]
                ).statement(by: author),
            ])
        } catch {
            guard error.code == .fence || error.constraint == "closed_books" else { throw LedgerError(error) }
            throw LedgerError(
                .fenced,
                "\(worker) at \(source.topic)/\(source.partition): it is not stopped at \(position) any more")
        }
    }

    /// How many workers run, read the partition, and have not stopped there.
    public func readers(of source: LogPartition) async throws(LedgerError) -> Int {
        let place: [Value] = [.text(source.cluster), .text(source.topic), .integer(Int64(source.partition))]
        guard let row = try await read(StopStatements.readers, place).first else { throw .unreadable("a count") }
        var reader = RowReader(row, "a count")
        return Int(try reader.integer())
    }
}
