internal import CLibrdkafka
internal import Primitives
internal import Synchronization

/// Reads single records of any partition; one at a time.
final class RecordLookup: Sendable {
    private let native: NativeClient
    private let turn = Mutex(())

    init(_ properties: ClientProperties) throws(KafkaError) {
        var properties = properties
        // An empty fetch is held by the broker for this long, and every later request on the connection waits behind
        // it.
        properties.values["fetch.wait.max.ms"] = "1"
        // Its log is not served: lines would be printed unformatted, among ours.
        properties.values["log_level"] = "0"
        native = try NativeClient(RD_KAFKA_CONSUMER, ClientConfiguration(.reader, properties))
    }

    func close() { native.stop() }

    /// Blocks its thread for at most `timeout`, beside the time that others' turns take.
    func record(at offset: Int64, of partition: TopicPartition, timeout: Duration) throws(KafkaError) -> Record? {
        try turn.withLock { _ throws(KafkaError) in
            let deadline = MachineClock.boot.milliseconds + timeout.milliseconds
            let list = PartitionList([partition: .offset(offset)])
            let failure = rd_kafka_assign(native.handle, list.list)
            guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaError(failure, "\(partition) cannot be read")
            }
            defer { rd_kafka_assign(native.handle, nil) }
            // Queried after assigning: the query wakes the library's thread for that broker, which otherwise notices a
            // new assignment only within a second.
            let offsets = try Metadata.offsets(of: partition, native, timeout: timeout)
            guard offsets.contains(offset) else { return nil }
            while MachineClock.boot.milliseconds < deadline {
                let wait = max(1, deadline - MachineClock.boot.milliseconds)
                guard let message = rd_kafka_consumer_poll(native.handle, Int32(clamping: wait)) else { continue }
                defer { rd_kafka_message_destroy(message) }
                if message.pointee.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET { return nil }
                guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR, let topic = message.pointee.rkt,
                    String(cString: rd_kafka_topic_name(topic)) == partition.topic,
                    message.pointee.partition == partition.partition, message.pointee.offset >= offset
                else { continue }
                return message.pointee.offset == offset ? Record(reading: message, of: partition) : nil
            }
            throw KafkaError(
                .timedOut, "the record at \(partition) offset \(offset) was not read in time", isRetriable: true)
        }
    }
}
