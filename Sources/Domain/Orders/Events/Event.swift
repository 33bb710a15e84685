public import Crypto
// Whoever handles an order's events handles their envelope, time and errors, too: they come with Orders.
@_exported public import Events

/// Something that happened to an order: what lies on topic `orders` and what every worker reads.
public struct Event: Sendable, Equatable {
    /// The topic that orders' events are published to (DESIGN §2).
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
    /// The account's id.
    public var account: String
    public var order: OrderID
    /// When the request was accepted.
    public var time: Timestamp
    /// SHA-256 of the content's canonical form, of an order without `transactionDate`.
    public var digest: Digest
    /// W3C's trace context of the request that caused the event; nil if it had none.
    public var traceparent: String?
    public var content: Content
    /// What was changed or left out when the request was read: shown in the answer and on the timeline, not part of the
    /// digest.
    public var warnings: [FieldWarning]

    public init(
        id: String, account: String, order: OrderID, time: Timestamp, digest: Digest, traceparent: String?,
        content: Content, warnings: [FieldWarning] = []
    ) {
        self.id = id
        self.account = account
        self.order = order
        self.time = time
        self.digest = digest
        self.traceparent = traceparent
        self.content = content
        self.warnings = warnings
    }
}
