import Events
import Intake
import Kafka
import Ledger
import Lifecycle

/// Asks Kafka what positions are compared with: partitions, their ends, the oldest unread record, retention. Each question
/// is bounded, and all of them by a deadline, so that brokers which are away do not hold up the next reading for long.
struct LogReading {
    private static let timeout = Duration.seconds(3)
    private static let timeoutMinimum = Duration.milliseconds(100)
    /// A topic's configuration is changed seldom.
    private static let retentionEvery = Duration.seconds(300)

    private let admin: Admin
    private let time: any Timekeeper
    private var retentions: [String: Double] = [:]
    private var retentionsRead: ContinuousClock.Instant?
    /// Times of the records that positions were at in the reading before: most positions have not moved since.
    private var times: [TopicPartition: [Int64: Timestamp]] = [:]
    private var asked: [TopicPartition: [Int64: Timestamp]] = [:]
    private var deadline: ContinuousClock.Instant

    init(_ kafka: ClientProperties, time: any Timekeeper) throws(KafkaError) {
        admin = try Admin(kafka)
        self.time = time
        deadline = time.now
    }

    private var left: Duration { min(Self.timeout, max(Self.timeoutMinimum, deadline - time.now)) }

    func close() async { await admin.close() }

    func clusterID() async throws(KafkaError) -> String { try await admin.clusterID(timeout: Self.timeout) }

    /// A reading begins, which may take until `deadline`.
    mutating func begin(until deadline: ContinuousClock.Instant) {
        self.deadline = deadline
        times = asked
        asked = [:]
    }

    func partitions(of topic: String) async throws(KafkaError) -> [TopicPartition] {
        (0..<(try await admin.partitionCount(of: topic, timeout: left))).map {
            TopicPartition(topic: topic, partition: $0)
        }
    }

    func log(of place: TopicPartition) async throws(KafkaError) -> Range<Int64> {
        try await admin.offsets(of: place, timeout: left)
    }

    /// For how many seconds a topic keeps a record, infinity where for ever; nil where Kafka does not say: the process may
    /// not be allowed to ask.
    mutating func retention(of topic: String, among topics: [String]) async -> Double? {
        if retentionsRead.map({ time.now - $0 >= Self.retentionEvery }) ?? true {
            retentionsRead = time.now
            do {
                for description in try await admin.describe(topics, timeout: left) {
                    let milliseconds = description.configuration["retention.ms"].flatMap { Double($0) }
                    retentions[description.name] = milliseconds.map { $0 < 0 ? .infinity : $0 / 1000 }
                }
            } catch {}
        }
        return retentions[topic]
    }

    /// The time of the oldest record that is not taken in; nil if there is no record at the offset.
    mutating func oldest(of partition: AuditedPartition) async throws(KafkaError) -> Timestamp? {
        let offset = max(partition.position.next, partition.log.lowerBound)
        guard offset < partition.log.upperBound else { return nil }
        let place = partition.place
        var found = times[place]?[offset] ?? asked[place]?[offset]
        if found == nil {
            let record = try await admin.record(at: offset, of: place, timeout: left)
            // A transaction's mark has an offset and is no record: the last one that was taken in is not younger.
            found = record?.timestamp.map(Timestamp.init(milliseconds:)) ?? partition.position.lastTime
        }
        asked[place, default: [:]][offset] = found
        return found
    }
}
