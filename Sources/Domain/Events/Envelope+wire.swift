/// The door to the wire: CloudEvents in Kafka's binary mode (https://github.com/cloudevents/spec,
/// kafka-protocol-binding 3.2), attributes as headers, content as a JSON value.
extension Envelope {
    fileprivate static let sourcePrefix = "/accounts/"

    /// The record's key: what is about one subject lies in one partition.
    public var key: [UInt8] { Array(subject.utf8) }

    /// The record's headers.
    public var headers: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(8)
        headers.append(("ce_specversion", "1.0"))
        headers.append(("ce_id", id))
        headers.append(("ce_type", type))
        headers.append(("ce_source", Self.sourcePrefix + account))
        headers.append(("ce_subject", subject))
        headers.append(("ce_time", time.iso8601))
        headers.append(("content-type", "application/json"))
        if let traceparent { headers.append(("traceparent", traceparent)) }
        return headers
    }
}

/// The attributes in a record's headers; of several headers with one name the first counts.
public struct WireAttributes: Sendable {
    static let idCountMaximum = 200

    /// Of at most 200 bytes, not empty.
    public let id: String
    /// `ce_type`, as `orderrelay.order.created`.
    public let type: String
    /// nil if the header is missing or is not UTF-8.
    public let subject: String?
    /// nil if the header is missing or is not UTF-8.
    public let traceparent: String?
    private let source: String?
    private let timeText: String?

    /// Reads the id and the type; the other attributes are checked once the type is known to be one that is read.
    ///
    /// - Throws: ``EventError/poison(_:)`` without a readable id, ``EventError/malformed(id:_:)`` without a readable
    ///   type.
    public init(_ headers: [(name: String, value: [UInt8])]) throws(EventError) {
        guard let id = Self.text("ce_id", headers), !id.isEmpty, id.utf8.count <= Self.idCountMaximum else {
            throw .poison("the record has no readable ce_id")
        }
        guard let type = Self.text("ce_type", headers) else {
            throw .malformed(id: id, "the record has no readable ce_type")
        }
        self.id = id
        self.type = type
        subject = Self.text("ce_subject", headers)
        traceparent = Self.text("traceparent", headers)
        source = Self.text("ce_source", headers)
        timeText = Self.text("ce_time", headers)
    }

    /// The id of the event's account, from `ce_source`.
    ///
    /// - Throws: ``EventError/malformed(id:_:)`` if the header is missing or names no account.
    public func account() throws(EventError) -> String {
        let prefix = Envelope.sourcePrefix
        guard let source, source.hasPrefix(prefix), source.utf8.count > prefix.utf8.count else {
            throw .malformed(id: id, "ce_source is not \(prefix)<id>")
        }
        return String(source.dropFirst(prefix.count))
    }

    /// When the event happened, from `ce_time`.
    ///
    /// - Throws: ``EventError/malformed(id:_:)`` if the header is missing or is not an ISO 8601 time.
    public func time() throws(EventError) -> Timestamp {
        guard let time = timeText.flatMap(Timestamp.init(iso8601:)) else {
            throw .malformed(id: id, "ce_time is not an ISO 8601 time")
        }
        return time
    }

    /// The first header of this name; nil if it is missing or its bytes are not valid UTF-8, or hold a control character,
    /// which no attribute may (CloudEvents 1.0.2, *Type System*): PostgreSQL would keep another text than U+0000 was in. A
    /// later header of the same name does not take its place: every reader must take the same one.
    private static func text(_ name: String, _ headers: [(name: String, value: [UInt8])]) -> String? {
        guard let value = headers.first(where: { $0.name == name })?.value else { return nil }
        guard !value.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
        return String(validating: value, as: UTF8.self)
    }
}
