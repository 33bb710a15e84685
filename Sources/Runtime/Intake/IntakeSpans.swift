import Events
import Ledger
import Telemetry
import Tracing

/// The spans of a batch's records, of those that were traced when they were published: each under its record's `traceparent`.
///
/// All of a batch begin and end together, since one transaction takes them in.
struct IntakeSpans {
    private var spans: [(entry: IntakeEntry, span: ActiveSpan)] = []

    /// Begins one for each entry that is traced, and puts it into the entry in the place of the record's: the row keeps it, and
    /// attempts come under it.
    ///
    /// - Parameter startedAt: when the batch was begun, nanoseconds since 1970.
    init(_ entries: inout [IntakeEntry], _ tracer: Tracer, startedAt: Int64) {
        for index in entries.indices {
            let record = entries[index].event?.traceparent
            guard let span = tracer.begin(.consumer, "process", under: record, startedAt: startedAt) else { continue }
            entries[index].event?.traceparent = span.context.traceparent
            spans.append((entries[index], span))
        }
    }

    /// The batch is in the ledger.
    func end(worker: String, in source: LogPartition) {
        guard !spans.isEmpty else { return }
        let group = WorkerDeclaration(worker, topics: [source.topic]).group
        for (entry, span) in spans {
            span.end(
                " \(source.topic)",
                [
                    .kafka, .topic(source.topic), .partition(source.partition), .offset(entry.offset),
                    .messagingOperation("process"), .messagingOperationType("process"), .consumerGroup(group),
                    .worker(worker), .order(entry.key), .disposition(entry.disposition.name),
                ])
        }
    }
}

extension Disposition {
    /// What ``name`` may be.
    static let names = ["planned", "folded", "skipped"]

    /// The class that metrics and traces name.
    var name: String {
        switch self {
        case .planned: "planned"
        case .folded: "folded"
        case .skipped: "skipped"
        }
    }
}
