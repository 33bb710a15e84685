import Crypto
import JSON
public import Kafka
public import Ledger
public import Events

/// Copies to topic `dead-letters` what no worker will deliver: records that cannot be decoded, and rows given up.
///
/// A record there is a CloudEvent in binary mode; its JSON value says why, when, at which attempt, and the record's
/// partition and offset; `body` is the record's value in base64url, since it may be any bytes.
public struct DeadLetterPublisher: Sendable {
    public static let topic = "dead-letters"
    /// Of longer bodies only size and SHA-256 are kept, since the record must fit into a message of 1 MB.
    public static let bodyBytesMaximum = 600_000

    private let send: @Sendable (OutgoingRecord) async throws(KafkaError) -> Acknowledgement

    /// - Parameter send: publishes a record and waits for its acknowledgement.
    public init(send: @escaping @Sendable (OutgoingRecord) async throws(KafkaError) -> Acknowledgement) {
        self.send = send
    }

    public init(_ producer: Producer) {
        send = { record throws(KafkaError) in try await producer.send(record, timeout: .seconds(5)) }
    }

    /// Copies a record that could not be decoded; returns once it is acknowledged.
    ///
    /// - Throws: `KafkaError` if it is not acknowledged.
    public func copy(
        _ record: Record, reading: Reading, reason: String, worker: String, in source: LogPartition, at now: Timestamp
    ) async throws(KafkaError) {
        let letter = Letter(
            id: "\(worker)/\(reading.id)", type: "orderrelay.record.unreadable", subject: reading.key, worker: worker,
            destination: nil, reason: reason, attempt: nil, at: now, source: source, offset: record.offset,
            eventID: reading.id, headers: record.headers, body: record.value ?? [])
        _ = try await send(letter.record)
    }

    /// Copies a row that was given up; returns once it is acknowledged.
    ///
    /// - Throws: `KafkaError` if it is not acknowledged.
    public func copy(_ letter: DeadLetter) async throws(KafkaError) {
        let event = letter.stored.event
        let out = Letter(
            id: "\(letter.worker)/\(letter.destination)/\(event.id)", type: "orderrelay.delivery.dead",
            subject: event.subject, worker: letter.worker, destination: letter.destination.text,
            reason: letter.reason, attempt: letter.attempt, at: letter.diedAt, source: letter.stored.source,
            offset: letter.stored.offset, eventID: event.id,
            headers: event.headers.map { RecordHeader($0.name, text: $0.value) }, body: event.value)
        _ = try await send(out.record)
    }
}

/// A record of `dead-letters` before it is written.
private struct Letter {
    var id: String
    var type: String
    var subject: String
    var worker: String
    var destination: String?
    var reason: String
    var attempt: Int?
    var at: Timestamp
    var source: LogPartition
    var offset: Int64
    var eventID: String
    var headers: [RecordHeader]
    var body: [UInt8]

    var record: OutgoingRecord {
        // The origin's own headers stay readable beside ours, bounded: a poison record may carry anything.
        let origin = headers.prefix(32).filter { $0.value.count <= 1024 && $0.name.utf8.count <= 128 }
            .map { RecordHeader("origin_\($0.name)", $0.value) }
        let ours = [
            ("ce_id", id), ("ce_type", type), ("ce_source", "/workers/\(worker)"), ("ce_subject", subject),
            ("ce_time", at.iso8601), ("ce_specversion", "1.0"), ("content-type", "application/json"),
        ].map { RecordHeader($0.0, text: $0.1) }
        return OutgoingRecord(
            topic: DeadLetterPublisher.topic, key: Array(subject.utf8), value: value, headers: ours + origin)
    }

    private var value: [UInt8] {
        var json = JSONWriter(capacity: 1024 + body.count * 4 / 3)
        json.object { json in
            json.key("schema")
            json.integer(1)
            json.key("worker")
            json.string(worker)
            if let destination {
                json.key("destination")
                json.string(destination)
            }
            json.key("reason")
            json.string(reason)
            json.key("at")
            json.string(at.iso8601)
            if let attempt {
                json.key("attempt")
                json.integer(Int64(attempt))
            }
            json.key("event")
            json.string(eventID)
            json.key("origin")
            json.object { json in
                json.key("cluster")
                json.string(source.cluster)
                json.key("topic")
                json.string(source.topic)
                json.key("partition")
                json.integer(Int64(source.partition))
                json.key("offset")
                json.integer(offset)
            }
            json.key("bodySize")
            json.integer(Int64(body.count))
            json.key("bodySHA256")
            json.string(sha256(body).description)
            if body.count <= DeadLetterPublisher.bodyBytesMaximum {
                json.key("body")
                json.string(base64URL(body))
            }
        }
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func integer(_ value: Int64) { decimal(ExactDecimal(digits: value, scale: 0)) }
}
