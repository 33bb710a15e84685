public import Crypto

/// Something that happened to an order: what lies on topic `orders` and what every worker reads.
public struct Event: Sendable, Equatable {
    /// The topic that it lies on (DESIGN §2).
    public static let topic = "orders"

    /// What happened; the CloudEvents type is `orderrelay.order.` and the case's name.
    public enum Content: Sendable, Equatable {
        case created(OrderDraft)
        case updated(OrderChange)
        /// Payment of an order (the API's purchase).
        case paid(OrderChange)
        case refunded(OrderChange)
    }
    /// By DESIGN §3: `<order id>.created`, `<order id>.<type>.<…>`, perhaps `~<digest>`.
    public var id: String
    public var account: String
    public var order: OrderID
    public var time: Timestamp
    /// Of the draft's canonical form without `transactionDate`.
    public var digest: Digest
    public var traceparent: String?
    public var content: Content

    public init(
        id: String, account: String, order: OrderID, time: Timestamp, digest: Digest, traceparent: String?,
        content: Content
    ) {
        self.id = id
        self.account = account
        self.order = order
        self.time = time
        self.digest = digest
        self.traceparent = traceparent
        self.content = content
    }
}

/// An event in CloudEvents' Kafka binary mode (https://github.com/cloudevents/spec, kafka-protocol-binding 3.2):
/// attributes as headers, content as a JSON value.
public struct EncodedEvent: Sendable {
    public var key: [UInt8]
    public var headers: [(name: String, value: String)]
    public var value: [UInt8]
    public init(key: [UInt8], headers: [(name: String, value: String)], value: [UInt8]) {
        self.key = key
        self.headers = headers
        self.value = value
    }
}

/// Why a record is no event that this program reads.
public enum EventError: Error, Sendable, Equatable {
    /// Not an event at all: no readable id.
    case poison(String)
    /// An event with a readable id of a type that this program does not know.
    case unknownType(id: String, type: String)
    /// An event of a schema newer than this program's.
    case newerSchema(id: String, schema: Int64)
    /// An event whose content cannot be read.
    case malformed(id: String, String)
}
