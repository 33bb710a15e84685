internal import CLibrdkafka

extension Admin {
    /// For each partition of a topic the offset of its first record whose timestamp is at or after the given one
    /// (milliseconds since 1970, UTC); a partition without such a record is not in the answer.
    ///
    /// - Throws: ``KafkaError`` if the brokers do not answer within `timeout`, or refuse.
    public func offsets(
        of topic: String, atOrAfter timestamps: [Int32: Int64], timeout: Duration
    ) async throws(KafkaError) -> [Int32: Int64] {
        guard !timestamps.isEmpty else { return [:] }
        let native = native
        return try await blocking("kafka-admin") { () throws(KafkaError) in
            let list = PartitionList(capacity: timestamps.count)
            for (partition, timestamp) in timestamps {
                list.add(TopicPartition(topic: topic, partition: partition), offset: timestamp)
            }
            let failure = rd_kafka_offsets_for_times(native.handle, list.list, Int32(clamping: timeout.milliseconds))
            guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaError(failure, "cannot read the offsets of topic \(topic) by time")
            }
            var offsets: [Int32: Int64] = [:]
            for element in PartitionList.read(list.list) {
                guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    throw KafkaError(element.error, "cannot read the offset of \(element.partition) by time")
                }
                if element.offset >= 0 { offsets[element.partition.partition] = element.offset }
            }
            return offsets
        }
    }

    /// How many partitions a topic has.
    ///
    /// - Throws: ``KafkaError``, with ``KafkaError/Code/unknownTopic`` if it does not exist.
    public func partitionCount(of topic: String, timeout: Duration) async throws(KafkaError) -> Int32 {
        let native = native
        return try await blocking("kafka-admin") { () throws(KafkaError) in
            try Metadata.partitions(of: topic, native, timeout: timeout)
        }
    }
}
