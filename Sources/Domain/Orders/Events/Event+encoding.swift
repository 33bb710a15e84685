import Crypto
import JSON

extension Event {
    /// The schema number that this program writes.
    public static let schema: Int64 = 1

    /// Room for most values: with an array's own head of 32 bytes the largest block, 1,032 bytes, that the C library
    /// keeps at hand for each thread.
    static let usualByteCount = 1000

    static let typePrefix = "orderrelay.order."
    static let sourcePrefix = "/accounts/"

    /// What happened, without what it was about.
    public var kind: Kind {
        switch content {
        case .created: .created
        case .updated: .updated
        case .paid: .paid
        case .refunded: .refunded
        }
    }

    /// `orderrelay.order.created` …
    public var type: String { Self.typePrefix + kind.rawValue }

    /// Makes the event that an accepted request is, with the digest of its content.
    public init(
        id: String, account: String, order: OrderID, time: Timestamp, traceparent: String?, content: Content
    ) {
        self.init(
            id: id, account: account, order: order, time: time, digest: CanonicalForm(content).digest,
            traceparent: traceparent, content: content)
    }

    /// As it lies on the topic: the order's id as key, attributes as headers, and a value
    /// `{"schema":1,"digest":…,"order":…}`, or with `change` in the place of `order`.
    public func encoded() -> EncodedEvent { encoded(saying: CanonicalForm.bytes(of: content)) }

    /// The same, where the content's form is at hand.
    public func encoded(_ form: CanonicalForm) -> EncodedEvent { encoded(saying: form.bytes) }

    private func encoded(saying form: [UInt8]) -> EncodedEvent {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(8)
        headers.append(("ce_specversion", "1.0"))
        headers.append(("ce_id", id))
        headers.append(("ce_type", type))
        headers.append(("ce_source", Self.sourcePrefix + account))
        headers.append(("ce_subject", order.text))
        headers.append(("ce_time", time.iso8601))
        headers.append(("content-type", "application/json"))
        if let traceparent { headers.append(("traceparent", traceparent)) }
        var writer = JSONWriter(capacity: Event.usualByteCount)
        writer.object { writer in
            writer.key("schema")
            writer.int64(Self.schema)
            writer.key("digest")
            writer.string(digest.description)
            writer.key(kind == .created ? "order" : "change")
            writer.json(form)
        }
        return EncodedEvent(key: order.digits, headers: headers, value: writer.bytes)
    }
}
