import Events
import Intake
import Kafka
import Ledger

/// Reads a partition once, and looks up each record for all workers that have taken it in.
struct PartitionWalk {
    /// Few enough to be looked up in one statement, and enough for that to be worth its way.
    static let recordsMaximum = 2_000
    /// Without a record for so long it is given up.
    private static let patience = Duration.seconds(30)

    let place: TopicPartition
    private let source: LogPartition
    private let readers: [AuditedPartition]
    private let keptSince: Timestamp
    /// All offsets that somebody has taken in.
    private let offsets: Range<Int64>

    init(_ place: TopicPartition, in cluster: String, readers: [AuditedPartition], keptSince: Timestamp) {
        self.place = place
        source = LogPartition(cluster: cluster, topic: place.topic, partition: place.partition)
        self.readers = readers
        self.keptSince = keptSince
        let taken = readers.map(\.taken).filter { !$0.isEmpty }
        offsets = (taken.map(\.lowerBound).min() ?? 0)..<(taken.map(\.upperBound).max() ?? 0)
    }

    /// How many offsets it passes.
    var length: Int64 { Int64(offsets.count) }

    /// - Parameter progress: called with how many offsets are passed.
    /// - Returns: the figures of each reader.
    func run(
        _ ledger: Ledger, _ kafka: ClientProperties, progress: (Int64) -> Void
    ) async throws -> [AuditedRecords] {
        var found = readers.map { _ in AuditedRecords() }
        guard !offsets.isEmpty else { return found }
        let reader = try await TopicReader(
            kafka, topic: place.topic, partitions: [place.partition],
            start: [place.partition: .offset(offsets.lowerBound)])
        do {
            var next = offsets.lowerBound
            while next < offsets.upperBound {
                let batch = try await batch(of: reader)
                // The end that the log had at the opening: whatever is missing up to there has no records.
                guard let last = batch.last else { break }
                try await lookUp(batch, ledger, &found)
                next = last.offset + 1
                progress(min(next, offsets.upperBound) - offsets.lowerBound)
            }
        } catch {
            await reader.close(timeout: .seconds(1))
            throw error
        }
        await reader.close(timeout: .seconds(1))
        return found
    }

    /// Throws where no record comes for too long: the library itself waits for ever.
    private func batch(of reader: TopicReader) async throws -> [Record] {
        let watch = Task {
            try await Task.sleep(for: Self.patience)
            await reader.close(timeout: .zero)
        }
        defer { watch.cancel() }
        guard let batch = try await reader.next(maximum: Self.recordsMaximum) else {
            throw KafkaError(
                .timedOut, "\(place): no record came for \(Self.patience.components.seconds) s", isRetriable: true)
        }
        return batch
    }

    private func lookUp(_ batch: [Record], _ ledger: Ledger, _ found: inout [AuditedRecords]) async throws {
        let source = source
        let named = batch.map { (record: $0, id: Reading.id(of: $0, in: source)) }
        try await withThrowingTaskGroup(of: (Int, AuditedRecords).self) { group in
            for (index, reader) in readers.enumerated() {
                let theirs = named.filter { reader.taken.contains($0.record.offset) }
                guard !theirs.isEmpty else { continue }
                group.addTask { (index, try await lookUp(theirs, of: reader.worker, ledger)) }
            }
            for try await (index, records) in group { found[index].add(records) }
        }
    }

    private func lookUp(
        _ named: [(record: Record, id: String)], of worker: String, _ ledger: Ledger
    ) async throws -> AuditedRecords {
        var figures = AuditedRecords()
        figures.checked = Int64(named.count)
        let known = try await ledger.known(named.map(\.id), to: worker)
        let unknown = named.lazy.filter { known.index(forKey: $0.id) == nil }.map(\.record)
        guard !unknown.isEmpty else { return figures }
        // What the ledger refused, or nobody can read, stands there under its place in the log.
        let ids = unknown.map { Reading.ids(of: $0, in: source) }
        let others = try await ledger.known(Array(Set(ids.joined())), to: worker)
        for (record, ids) in zip(unknown, ids) where !ids.contains(where: { others.index(forKey: $0) != nil }) {
            figures.note(record, keptSince: keptSince)
        }
        return figures
    }
}

extension AuditedRecords {
    /// A record that the ledger does not know. It was taken in at its time or later.
    fileprivate mutating func note(_ record: Record, keptSince: Timestamp) {
        if record.timestamp.map({ $0 < keptSince.milliseconds }) == true {
            removed += 1
        } else {
            missing += 1
            firstMissing = min(firstMissing ?? .max, record.offset)
        }
    }

    fileprivate mutating func add(_ other: AuditedRecords) {
        checked += other.checked
        removed += other.removed
        missing += other.missing
        firstMissing = [firstMissing, other.firstMissing].compactMap(\.self).min()
    }
}
