import CLibrdkafka
import Glibc
import Synchronization

/// The C library's own calls, with as little around them as works: what the Kafka module is measured against.
///
/// The settings are those of the module: idempotent producer, linger, queues at their defaults, events on queues.
enum KafkaBare {
    struct Failure: Error, CustomStringConvertible { let description: String }

    static func client(_ type: rd_kafka_type_t, _ values: [String: String]) throws -> OpaquePointer {
        let configuration = rd_kafka_conf_new()!
        var reason = [CChar](repeating: 0, count: 256)
        for (name, value) in values.merging(
            ["socket.nagle.disable": "true", "statistics.interval.ms": "5000"], uniquingKeysWith: { one, _ in one })
        {
            guard rd_kafka_conf_set(configuration, name, value, &reason, reason.count) == RD_KAFKA_CONF_OK else {
                throw Failure(description: "\(name) was refused")
            }
        }
        rd_kafka_conf_set_events(configuration, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS)
        guard let client = rd_kafka_new(type, configuration, &reason, reason.count) else {
            throw Failure(description: "no client")
        }
        return client
    }

    // MARK: Producing

    /// What the thread that produces and the one that hears of deliveries share.
    final class Outstanding: @unchecked Sendable {
        // Checked by hand: the library is thread-safe, the numbers are atomic.
        let client: OpaquePointer
        let delivered = Atomic(0)
        let failed = Atomic(0)
        let total: Int
        init(_ client: OpaquePointer, total: Int) {
            self.client = client
            self.total = total
        }
    }

    /// Produces `count` records of `value` with at most `window` unacknowledged; seconds until the last acknowledgement.
    static func produce(
        _ brokers: String, _ topic: String, count: Int, window: Int, linger: Int, value: [UInt8], headers: Int
    ) throws -> Double {
        let client = try client(
            RD_KAFKA_PRODUCER,
            [
                "bootstrap.servers": brokers, "enable.idempotence": "true", "acks": "all", "linger.ms": "\(linger)",
                "partitioner": "murmur2", "queue.buffering.max.kbytes": "262144",
            ])
        let handle = rd_kafka_topic_new(client, topic, nil)!
        var metadata: UnsafePointer<rd_kafka_metadata>?
        rd_kafka_metadata(client, 0, handle, &metadata, 5000)
        rd_kafka_metadata_destroy(metadata)
        let outstanding = Outstanding(client, total: count)
        let began = ContinuousClock.now
        var thread: pthread_t = 0
        pthread_create(&thread, nil, hearDeliveries, Unmanaged.passUnretained(outstanding).toOpaque())
        let header = Array("orderrelay.order.created".utf8)
        for number in 0..<count {
            while number - outstanding.delivered.load(ordering: .relaxed) >= window { usleep(200) }
            var list: OpaquePointer?
            if headers > 0 {
                list = rd_kafka_headers_new(headers)
                for _ in 0..<headers { rd_kafka_header_add(list, "ce_type", 7, header, header.count) }
            }
            var key = number % 5000
            let failure = withUnsafeBytes(of: &key) { key in
                orderrelay_produce(
                    client, handle, -1, key.baseAddress, key.count, value, value.count, list,
                    UnsafeMutableRawPointer(bitPattern: number + 1))
            }
            guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw Failure(description: "produce: \(failure.rawValue)")
            }
        }
        pthread_join(thread, nil)
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        guard outstanding.failed.load(ordering: .relaxed) == 0 else { throw Failure(description: "records failed") }
        rd_kafka_topic_destroy(handle)
        rd_kafka_destroy(client)
        return seconds
    }

    // MARK: Consuming

    /// Reads `count` records of all partitions from the beginning and looks at each one's bytes; seconds from the first
    /// record to the last.
    static func consume(_ brokers: String, _ topic: String, partitions: Int32, count: Int) throws -> Double {
        let client = try client(
            RD_KAFKA_CONSUMER,
            [
                "bootstrap.servers": brokers, "group.id": "bare", "enable.auto.commit": "false",
                "enable.auto.offset.store": "false", "auto.offset.reset": "error",
            ])
        rd_kafka_poll_set_consumer(client)
        let queue = rd_kafka_queue_get_consumer(client)
        let list = rd_kafka_topic_partition_list_new(partitions)
        for partition in 0..<partitions {
            rd_kafka_topic_partition_list_add(list, topic, partition)?.pointee.offset = 0
        }
        rd_kafka_assign(client, list)
        rd_kafka_topic_partition_list_destroy(list)
        var messages = [UnsafeMutablePointer<rd_kafka_message_t>?](repeating: nil, count: 1000)
        var read = 0
        var sum = 0
        var began: ContinuousClock.Instant?
        while read < count {
            let taken = rd_kafka_consume_batch_queue(queue, 1000, &messages, messages.count)
            guard taken > 0 else { continue }
            if began == nil { began = .now }
            for index in 0..<taken {
                let message = messages[index]!
                if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                    read += 1
                    let bytes = UnsafeRawBufferPointer(start: message.pointee.payload, count: message.pointee.len)
                    sum &+= Int(bytes[0]) &+ Int(bytes[bytes.count - 1])
                    var headers: OpaquePointer?
                    if rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR {
                        sum &+= rd_kafka_header_cnt(headers)
                    }
                }
                rd_kafka_message_destroy(message)
            }
        }
        let seconds = (ContinuousClock.now - began!) / .seconds(1)
        rd_kafka_queue_destroy(queue)
        rd_kafka_consumer_close(client)
        rd_kafka_destroy(client)
        return sum == -1 ? 0 : seconds
    }
}

/// The thread that counts delivery reports.
private func hearDeliveries(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let outstanding = Unmanaged<KafkaBare.Outstanding>.fromOpaque(context!).takeUnretainedValue()
    let queue = rd_kafka_queue_get_main(outstanding.client)
    while outstanding.delivered.load(ordering: .relaxed) < outstanding.total {
        guard let event = rd_kafka_queue_poll(queue, 1000) else { continue }
        if rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR {
            var count = 0
            while let message = rd_kafka_event_message_next(event) {
                if message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR { outstanding.failed.add(1, ordering: .relaxed) }
                count += 1
            }
            outstanding.delivered.add(count, ordering: .relaxed)
        }
        rd_kafka_event_destroy(event)
    }
    rd_kafka_queue_destroy(queue)
    return nil
}
