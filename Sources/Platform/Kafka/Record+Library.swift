internal import CLibrdkafka

extension Record {
    /// Copies a message of the library. The caller gives `source`: made from the message's topic it would be a new
    /// string for each record.
    init(reading message: UnsafeMutablePointer<rd_kafka_message_t>, of source: TopicPartition) {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(message, &kind)
        self.init(
            source: source,
            offset: message.pointee.offset,
            timestamp: kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : timestamp,
            isTimestampFromBroker: kind == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME,
            key: Self.bytes(message.pointee.key, message.pointee.key_len),
            value: Self.bytes(message.pointee.payload, message.pointee.len),
            headers: HeaderList.read(message))
    }

    private static func bytes(_ start: UnsafeMutableRawPointer?, _ count: Int) -> [UInt8]? {
        guard let start else { return nil }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }
}
