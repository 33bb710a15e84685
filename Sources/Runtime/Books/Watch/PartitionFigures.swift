import Events
import Ledger

/// How far a worker is behind in a partition, and how near to losing records. Pure.
struct PartitionFigures: Equatable {
    var next: Int64
    /// The log's end.
    var end: Int64
    var lagRecords: Int64
    /// Age of the oldest unread record; nil: it could not be found out.
    var lagSeconds: Double?
    /// Until Kafka deletes an unread record; nil: it could not be found out.
    var headroomSeconds: Double?
    var unaccounted: Int64

    /// - Parameters:
    ///   - oldest: time of the oldest unread record; nil: not known.
    ///   - retention: for how many seconds the topic keeps a record, infinity where for ever; nil: not known.
    init(_ partition: AuditedPartition, oldest: Timestamp?, retention: Double?, now: Timestamp) {
        next = partition.position.next
        end = partition.log.upperBound
        lagRecords = max(0, partition.unread)
        unaccounted = partition.unaccounted
        guard lagRecords > 0 else {
            (lagSeconds, headroomSeconds) = (0, retention)
            return
        }
        let age = oldest.map { max(0, Double(now.milliseconds - $0.milliseconds) / 1000) }
        lagSeconds = age
        if next < partition.log.lowerBound {
            headroomSeconds = 0
        } else if let retention, let age {
            headroomSeconds = max(0, retention - age)
        }
    }
}
