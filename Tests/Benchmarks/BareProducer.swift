import CLibrdkafka
import Glibc
import Orders

/// What the bare program publishes, with headers that are made once.
struct BareRecord: Sendable {
    let headers: [(name: String, value: String)]
    let value: [UInt8]

    init(_ envelope: Envelope) {
        headers = envelope.headers
        value = envelope.value
    }
}

/// The measure for publishing: the client library called by hand, as idempotent and as careful as ours, with nothing
/// around it. Delivery reports come in batches on a thread of their own.
final class BareProducer: @unchecked Sendable {
    private let client: OpaquePointer
    private let topic: OpaquePointer
    private var count: UInt64 = 0
    /// Whether all records have one key, and so lie on one partition.
    private let hasOneKey: Bool
    /// What is published in the place of a body; nil: the body as it came.
    private let record: BareRecord?
    /// Makes a record of each body instead. To be set before the start.
    var making: (([UInt8]) -> BareRecord)?
    /// Receives the connections that have their acknowledgement.
    private var acknowledged: (([UInt]) -> Void)?

    init(brokers: String, lingerMilliseconds: Int, record: BareRecord? = nil, hasOneKey: Bool = false) {
        self.record = record
        self.hasOneKey = hasOneKey
        let settings = [
            "bootstrap.servers": brokers, "enable.idempotence": "true", "acks": "all", "partitioner": "murmur2",
            "linger.ms": "\(lingerMilliseconds)", "socket.nagle.disable": "true",
        ]
        let configuration = rd_kafka_conf_new()
        var reason = [CChar](repeating: 0, count: 512)
        for (name, value) in settings {
            let result = rd_kafka_conf_set(configuration, name, value, &reason, reason.count)
            precondition(result == RD_KAFKA_CONF_OK, "the property \(name) was refused")
        }
        rd_kafka_conf_set_events(configuration, RD_KAFKA_EVENT_DR)
        client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &reason, reason.count)!
        topic = rd_kafka_topic_new(client, "orders", nil)!
    }

    func start(_ acknowledged: @escaping ([UInt]) -> Void) {
        self.acknowledged = acknowledged
        // The first order must not wait for the topic's metadata.
        var metadata: UnsafePointer<rd_kafka_metadata>?
        rd_kafka_metadata(client, 0, topic, &metadata, 10_000)
        rd_kafka_metadata_destroy(metadata)
        var thread = pthread_t()
        pthread_create(&thread, nil, runBareProducer, Unmanaged.passRetained(self).toOpaque())
    }

    /// The key is a number, so that records spread over the partitions as orders do, unless they are to have one key.
    func publish(_ body: [UInt8], for connection: UInt) {
        if !hasOneKey { count += 1 }
        let record = making?(body) ?? self.record
        let headers = record.flatMap(Self.headers)
        let failure = withUnsafeBytes(of: count) { key in
            (record?.value ?? body).withUnsafeBytes { value in
                orderrelay_produce(
                    client, topic, ORDERRELAY_PARTITION_UNASSIGNED, key.baseAddress, key.count, value.baseAddress,
                    value.count, headers, UnsafeMutableRawPointer(bitPattern: connection))
            }
        }
        precondition(failure == RD_KAFKA_RESP_ERR_NO_ERROR, "the bare producer was refused a record")
    }

    private static func headers(of record: BareRecord) -> OpaquePointer? {
        let list = rd_kafka_headers_new(record.headers.count)
        for header in record.headers {
            rd_kafka_header_add(list, header.name, -1, header.value, header.value.utf8.count)
        }
        return list
    }

    fileprivate func loop() {
        let queue = rd_kafka_queue_get_main(client)
        var messages = [UnsafePointer<rd_kafka_message_t>?](repeating: nil, count: 4096)
        while true {
            guard let event = rd_kafka_queue_poll(queue, 1000) else { continue }
            if rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR {
                let count = rd_kafka_event_message_array(event, &messages, messages.count)
                acknowledged?(
                    messages[..<count].map { message in
                        precondition(
                            message!.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR, "a record was not acknowledged")
                        return UInt(bitPattern: message!.pointee._private)
                    })
            }
            rd_kafka_event_destroy(event)
        }
    }
}

private func runBareProducer(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<BareProducer>.fromOpaque(context!).takeRetainedValue().loop()
    return nil
}
