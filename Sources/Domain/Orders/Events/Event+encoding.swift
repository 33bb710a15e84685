import Crypto

extension Event {
    /// What happened, without the details.
    public var kind: Kind { content.kind }

    /// `orderrelay.order.created` …
    public var type: String { kind.type }

    /// Makes the event of an accepted request, with the digest of its content.
    public init(
        id: String, account: String, order: OrderID, time: Timestamp, traceparent: String?, content: Content
    ) {
        self.init(
            id: id, account: account, order: order, time: time, digest: CanonicalForm(content).digest,
            traceparent: traceparent, content: content)
    }

    /// The event as it is published, with a value `{"schema":1,"digest":…,"order":…}`, or with `change` in place of
    /// `order`.
    ///
    /// - Parameter form: the content's form, if it is known already; nil: it is made here.
    public func encoded(_ form: CanonicalForm? = nil) -> Envelope {
        let content = form?.bytes ?? CanonicalForm.bytes(of: content)
        return envelope(of: EventValue(digest: digest, warnings: warnings).encoded(content, as: kind.member))
    }

    /// The event as it is published, with the bytes that it was read from: nothing is encoded again.
    public func envelope(of value: [UInt8]) -> Envelope {
        Envelope(
            id: id, type: type, account: account, subject: order.text, time: time, digest: digest,
            traceparent: traceparent, value: value)
    }
}

extension Event.Content {
    /// What happened, without the details.
    public var kind: Event.Kind {
        switch self {
        case .created: .created
        case .updated: .updated
        case .paid: .paid
        case .refunded: .refunded
        }
    }
}

extension Event.Kind {
    /// The member of the value that has what an event of this kind says.
    var member: StaticString { self == .created ? "order" : "change" }
}
