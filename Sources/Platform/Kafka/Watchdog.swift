/// Finds partitions with records that nobody reads: a pure value, whose clock comes from outside.
///
/// `max.poll.interval.ms` sees only that the client's thread is alive, not that each partition moves.
struct Watchdog {
    /// What is known of one partition at a look.
    struct Seen {
        var partition: TopicPartition
        var nextOffset: Int64?
        var movedAt: Int64
        var logEnd: Int64?

        init(_ partition: TopicPartition, _ progress: PartitionStream.Progress, logEnd: Int64?) {
            self.init(partition, nextOffset: progress.nextOffset, movedAt: progress.movedAt, logEnd: logEnd)
        }

        init(_ partition: TopicPartition, nextOffset: Int64?, movedAt: Int64, logEnd: Int64?) {
            self.partition = partition
            self.nextOffset = nextOffset
            self.movedAt = movedAt
            self.logEnd = logEnd
        }
    }

    /// A partition counts as stuck after this long, and is reported again after as long.
    static let patienceMilliseconds: Int64 = 60_000
    private static let lookEveryMilliseconds: Int64 = 5_000

    private var lookedAt: Int64 = .min / 2
    private var reportedAt: [TopicPartition: Int64] = [:]
    /// Since when unread records are known.
    private var behindSince: [TopicPartition: Int64] = [:]

    /// Whether it is time to look.
    func isDue(_ now: Int64) -> Bool { now - lookedAt >= Self.lookEveryMilliseconds }

    /// Partitions were assigned again.
    mutating func restart(_ now: Int64) {
        lookedAt = now
        reportedAt = [:]
        behindSince = [:]
    }

    /// The stuck partitions that were not reported lately, with the milliseconds since they last moved.
    mutating func look(_ partitions: [Seen], now: Int64) -> [(TopicPartition, Int64)] {
        lookedAt = now
        var stuck: [(TopicPartition, Int64)] = []
        for seen in partitions {
            guard let logEnd = seen.logEnd, logEnd > seen.nextOffset ?? 0 else {
                behindSince[seen.partition] = nil
                reportedAt[seen.partition] = nil
                continue
            }
            let since = max(behindSince[seen.partition] ?? now, seen.movedAt)
            behindSince[seen.partition] = since
            guard now - since >= Self.patienceMilliseconds else { continue }
            if let reported = reportedAt[seen.partition], now - reported < Self.patienceMilliseconds { continue }
            reportedAt[seen.partition] = now
            stuck.append((seen.partition, now - since))
        }
        return stuck
    }
}
