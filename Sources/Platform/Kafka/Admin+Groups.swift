internal import CLibrdkafka
internal import Glibc
internal import Primitives

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
        var properties = properties
        // Its log is not served: lines would be printed unformatted, among ours.
        properties.values["log_level"] = "0"
        // A client that knows the group and never joins it. The library's own admin call for this (2.0.2) crashes where the
        // group's coordinator is not there yet, as on a new cluster.
        let client = try NativeClient(RD_KAFKA_CONSUMER, ClientConfiguration(.member(group: group), properties))
        return try await blocking("kafka-admin") { () throws(KafkaError) in
            let list = PartitionList(capacity: partitions.count)
            for partition in partitions { list.add(partition, offset: ORDERRELAY_OFFSET_INVALID) }
            let deadline = MachineClock.boot.milliseconds + timeout.milliseconds
            var failure = rd_kafka_committed(client.handle, list.list, Int32(clamping: timeout.milliseconds))
            // A group that nobody has joined yet gets its coordinator only by being asked for it.
            while Self.isWithoutCoordinator(failure), MachineClock.boot.milliseconds < deadline {
                usleep(100_000)
                let left = max(1, deadline - MachineClock.boot.milliseconds)
                failure = rd_kafka_committed(client.handle, list.list, Int32(clamping: left))
            }
            guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaError(
                    Self.denial(client) ?? failure, "cannot read the positions of group \(group)")
            }
            var positions: [TopicPartition: CommittedPosition] = [:]
            for element in PartitionList.read(list.list) where element.offset >= 0 {
                guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    throw KafkaError(
                        element.error, "cannot read the position of group \(group) at \(element.partition)")
                }
                positions[element.partition] = CommittedPosition(
                    nextOffset: element.offset, metadata: element.metadata)
            }
            return positions
        }
    }

    /// The library keeps asking for the coordinator of a group that its user may not use until the time is up, and reports the
    /// reason as an event of the client.
    private static func denial(_ client: NativeClient) -> rd_kafka_resp_err_t? {
        var denial: rd_kafka_resp_err_t?
        while let event = rd_kafka_queue_poll(client.queue, 0) {
            if rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR,
                KafkaError.meaning(of: rd_kafka_event_error(event)).code == .notAllowed
            {
                denial = rd_kafka_event_error(event)
            }
            rd_kafka_event_destroy(event)
        }
        return denial
    }

    private static func isWithoutCoordinator(_ failure: rd_kafka_resp_err_t) -> Bool {
        [
            RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
            RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
        ].contains(failure)
    }
}
