internal import CLibrdkafka

/// Owns a list of partitions as the library wants it.
struct PartitionList: ~Copyable {
    let list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(capacity: Int) { list = rd_kafka_topic_partition_list_new(Int32(capacity)) }

    /// Each with the offset to start at.
    init(_ positions: [TopicPartition: StartOffset]) {
        self.init(capacity: positions.count)
        for (partition, start) in positions { add(partition, offset: start.number) }
    }

    deinit { rd_kafka_topic_partition_list_destroy(list) }

    borrowing func add(_ partition: TopicPartition, offset: Int64) {
        let element = rd_kafka_topic_partition_list_add(list, partition.topic, partition.partition)
        element?.pointee.offset = offset
    }

    /// With the position's metadata, which the list then owns.
    borrowing func add(_ partition: TopicPartition, committing position: CommitBook.Position) {
        let element = rd_kafka_topic_partition_list_add(list, partition.topic, partition.partition)
        element?.pointee.offset = position.nextOffset
        guard !position.metadata.isEmpty else { return }
        let bytes = Array(position.metadata.utf8)
        let copy = UnsafeMutableRawPointer.allocateForC(bytes)
        element?.pointee.metadata = copy
        element?.pointee.metadata_size = bytes.count
    }

    /// What stands in a list of the library.
    static func read(_ list: UnsafePointer<rd_kafka_topic_partition_list_t>?) -> [Element] {
        guard let list else { return [] }
        return (0..<Int(list.pointee.cnt)).map { index in
            let element = list.pointee.elems[index]
            let metadata = element.metadata.map {
                String(
                    decoding: UnsafeRawBufferPointer(start: $0, count: element.metadata_size), as: UTF8.self)
            }
            return Element(
                partition: TopicPartition(topic: String(cString: element.topic), partition: element.partition),
                offset: element.offset, metadata: metadata ?? "", error: element.err)
        }
    }

    struct Element {
        var partition: TopicPartition
        var offset: Int64
        var metadata: String
        var error: rd_kafka_resp_err_t
    }
}

extension StartOffset {
    /// As the library numbers it.
    var number: Int64 {
        switch self {
        case .beginning: ORDERRELAY_OFFSET_BEGINNING
        case .end: ORDERRELAY_OFFSET_END
        case .offset(let offset): offset
        }
    }
}
