internal import CLibrdkafka

/// A position that a group has committed to Kafka.
public struct CommittedPosition: Sendable, Equatable {
    /// The offset of the next record to read.
    public var nextOffset: Int64
    /// What the member that committed added to the position; empty if nothing.
    public var metadata: String

    public init(nextOffset: Int64, metadata: String) {
        self.nextOffset = nextOffset
        self.metadata = metadata
    }
}

extension Admin {
    /// The positions that a group has committed to Kafka; partitions without one are left out.
    ///
    /// - Throws: ``KafkaError`` if the brokers do not answer within `timeout`, or refuse.
    public func committed(
        group: String, _ partitions: [TopicPartition], timeout: Duration
    ) async throws(KafkaError) -> [TopicPartition: CommittedPosition] {
        guard !partitions.isEmpty else { return [:] }
        let native = native
        return try await blocking("kafka-admin") { () throws(KafkaError) in
            let list = PartitionList(capacity: partitions.count)
            for partition in partitions { list.add(partition, offset: ORDERRELAY_OFFSET_INVALID) }
            var request = rd_kafka_ListConsumerGroupOffsets_new(group, list.list)
            defer { rd_kafka_ListConsumerGroupOffsets_destroy(request) }
            return try AdminCall(native, timeout: timeout, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS).perform {
                rd_kafka_ListConsumerGroupOffsets($0, &request, 1, $1, $2)
            } reading: { event throws(KafkaError) in
                try Self.committed(event, group)
            }
        }
    }

    private static func committed(
        _ event: OpaquePointer, _ group: String
    ) throws(KafkaError) -> [TopicPartition: CommittedPosition] {
        var count = 0
        let result = rd_kafka_event_ListConsumerGroupOffsets_result(event)
        guard let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count), count > 0 else {
            return [:]
        }
        if let error = rd_kafka_group_result_error(groups[0]) {
            // Belongs to the event; only read here.
            throw KafkaError(rd_kafka_error_code(error), "cannot read the positions of group \(group)")
        }
        var positions: [TopicPartition: CommittedPosition] = [:]
        let list = rd_kafka_group_result_partitions(groups[0])
        for element in PartitionList.read(list) where element.offset >= 0 {
            positions[element.partition] = CommittedPosition(nextOffset: element.offset, metadata: element.metadata)
        }
        return positions
    }
}
