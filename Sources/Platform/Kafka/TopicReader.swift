internal import CLibrdkafka
internal import Synchronization

/// Reads a topic without a group, from the beginning, and without end: for replicas of a topic (`control`, `ratelimit`),
/// and for those who go through all of its records.
public final class TopicReader: Sendable {
    /// The end of each partition when the reader was opened: once all records below it are read, the reader has caught
    /// up.
    public let endsAtOpening: [Int32: Int64]
    private let native: NativeClient
    private let events: ReaderEvents
    private let records: RecordQueue
    private let properties: ClientProperties
    /// Partitions whose end at opening has not been reached.
    private let behind: Mutex<Set<Int32>>
    /// Whether it was reported that the reader has caught up.
    private let hasTold = Atomic(false)

    /// Opening takes no longer: it can't be interrupted, and a process that is asked to stop has 10 s. Callers that
    /// need the topic retry.
    private static let openingMaximum = Duration.seconds(5)

    /// Opens the topic.
    /// - Parameters:
    ///   - partitions: those that are read; nil: all.
    ///   - start: where each partition is read from; those not named, from the beginning.
    /// - Throws: ``KafkaError`` if the topic does not exist, or the brokers do not report its end within some 5 s.
    public init(
        _ properties: ClientProperties, topic: String, partitions: Set<Int32>? = nil, start: [Int32: StartOffset] = [:]
    ) async throws(KafkaError) {
        self.properties = properties
        let native = try NativeClient(RD_KAFKA_CONSUMER, ClientConfiguration(.reader, properties))
        self.native = native
        events = ReaderEvents(properties, native)
        native.run(events)
        do {
            let ranges = try await blocking("kafka-offsets") { () throws(KafkaError) in
                var ranges: [Int32: Range<Int64>] = [:]
                let deadline = ContinuousClock.now + Self.openingMaximum
                for partition in 0..<(try Metadata.partitions(of: topic, native, timeout: Self.openingMaximum))
                where partitions?.contains(partition) != false {
                    let partition = TopicPartition(topic: topic, partition: partition)
                    ranges[partition.partition] = try Metadata.offsets(
                        of: partition, native, timeout: deadline - .now)
                }
                return ranges
            }
            endsAtOpening = ranges.mapValues(\.upperBound)
            behind = Mutex(Set(ranges.filter { Self.isBehind(start[$0], $1) }.keys))
        } catch {
            native.stop()
            throw error
        }
        records = RecordQueue(native, queue: rd_kafka_queue_new(native.handle), topic: topic)
        try read(topic, start)
    }

    deinit { native.stop() }

    private func read(_ topic: String, _ start: [Int32: StartOffset]) throws(KafkaError) {
        let list = PartitionList(capacity: endsAtOpening.count)
        for partition in endsAtOpening.keys.sorted() {
            let place = TopicPartition(topic: topic, partition: partition)
            guard let queue = rd_kafka_queue_get_partition(native.handle, topic, partition) else {
                throw KafkaError(.unknownTopic, "the partition \(place) does not exist")
            }
            rd_kafka_queue_forward(queue, records.queue)
            rd_kafka_queue_destroy(queue)
            list.add(place, offset: (start[partition] ?? .beginning).number)
        }
        let failure = rd_kafka_assign(native.handle, list.list)
        guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(failure, "the topic \(topic) cannot be read")
        }
    }

    /// Between 1 and `maximum` records of any partitions, each partition's in order; nil once closed. Once the array is
    /// empty: everything below ``endsAtOpening`` has been handed out then.
    ///
    /// - Throws: ``KafkaError`` if reading cannot go on.
    public func next(maximum: Int) async throws(KafkaError) -> [Record]? {
        while true {
            if behind.withLock({ $0.isEmpty }), !hasTold.exchange(true, ordering: .acquiringAndReleasing) { return [] }
            let batch = try await records.next(maximum: maximum) { aside in
                switch aside {
                case .trouble(let error): properties.notice?(.trouble(error))
                case .end(let partition, let offset): reached(offset, partition)
                }
            }
            for record in batch ?? [] { reached(record.offset + 1, record.source.partition) }
            guard let batch, batch.isEmpty else { return batch }
        }
    }

    private func reached(_ offset: Int64, _ partition: Int32) {
        guard let end = endsAtOpening[partition], offset >= end else { return }
        behind.withLock { _ = $0.remove(partition) }
    }

    private static func isBehind(_ start: StartOffset?, _ log: Range<Int64>) -> Bool {
        switch start {
        case .end: false
        case .offset(let offset): offset < log.upperBound
        case .beginning, nil: !log.isEmpty
        }
    }

    /// Ends reading, and waits at most `timeout` for the client's end.
    public func close(timeout: Duration) async {
        records.end()
        rd_kafka_assign(native.handle, nil)
        records.discard()
        native.stop()
        _ = timeout
    }
}

/// The thread of a client, which only passes on what the library reports.
final class ReaderEvents: ClientEventHandler {
    private let properties: ClientProperties
    private let native: NativeClient

    init(_ properties: ClientProperties, _ native: NativeClient) {
        self.properties = properties
        self.native = native
    }

    var pollMillisecondsMaximum: Int32 { 1000 }
    func handle(_ event: OpaquePointer) { _ = properties.tell(of: event, handle: native.handle) }
    func tick() {}
}
