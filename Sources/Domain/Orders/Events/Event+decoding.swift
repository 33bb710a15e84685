import JSON

extension Event {
    /// Reads a record. Other headers, and members that this program does not know, are ignored.
    ///
    /// - Throws: ``EventError``: without a readable id the record is poison; otherwise its type is unknown, its schema
    ///   newer, or something in it malformed.
    public init(headers: [(name: String, value: [UInt8])], value: [UInt8]) throws(EventError) {
        let attributes = try WireAttributes(headers)
        let kind = try Kind(type: attributes.type, of: attributes.id)
        guard let order = attributes.subject.flatMap(OrderID.init) else {
            throw .malformed(id: attributes.id, "ce_subject is not an order's id")
        }
        let (account, time) = (try attributes.account(), try attributes.time())
        let (content, value) = try Content.reading(value, kind, of: attributes.id)
        self.init(
            id: attributes.id, account: account, order: order, time: time, digest: value.digest,
            traceparent: attributes.traceparent, content: content, warnings: value.warnings)
    }

    /// Reads an event from the ledger.
    ///
    /// - Throws: ``EventError`` if its type is unknown, its schema newer, or its subject or value malformed.
    public init(_ envelope: Envelope) throws(EventError) {
        let kind = try Kind(type: envelope.type, of: envelope.id)
        guard let order = OrderID(envelope.subject) else {
            throw .malformed(id: envelope.id, "the subject is not an order's id")
        }
        let (content, value) = try Content.reading(envelope.value, kind, of: envelope.id)
        self.init(
            id: envelope.id, account: envelope.account, order: order, time: envelope.time, digest: envelope.digest,
            traceparent: envelope.traceparent, content: content, warnings: value.warnings)
    }
}

extension Event.Kind {
    /// Throws ``EventError/unknownType(id:type:)`` if no kind has this type.
    fileprivate init(type: String, of id: String) throws(EventError) {
        guard let kind = Self.allCases.first(where: { $0.type == type }) else {
            throw .unknownType(id: id, type: String(type.unicodeScalars.prefix(100)))
        }
        self = kind
    }
}

extension Event.Content {
    /// Reads what an event of this kind says, and the rest of its value, at once.
    fileprivate static func reading(
        _ bytes: [UInt8], _ kind: Event.Kind, of id: String
    ) throws(EventError) -> (Event.Content, EventValue) {
        var draft: DraftReader?
        var change: ChangeReader?
        let value = try EventValue(bytes, of: id) { json, key throws(JSONError) in
            switch key {
            case kind.member where kind == .created:
                draft = DraftReader(settings: .written, origin: .stored)
                try draft?.read(&json)
            case kind.member:
                change = ChangeReader(settings: .written, origin: .stored)
                try change?.read(&json)
            default: try json.skip()
            }
        }
        do throws(BodyError) {
            if let draft = try draft?.finish() { return (.created(draft), value) }
            if let change = try change?.finishChange() {
                return (kind == .updated ? .updated(change) : kind == .paid ? .paid(change) : .refunded(change), value)
            }
        } catch { throw .malformed(id: id, error.sentence) }
        throw .malformed(id: id, "the value has no \(kind.member)")
    }
}

extension OrderDraft {
    /// Reads the draft in the value of the event that created an order, and nothing else: rows of earlier versions have
    /// a digest of zeros there.
    ///
    /// - Parameter id: the event's id, for the error.
    /// - Throws: ``EventError/malformed(id:_:)`` if the value has no readable order.
    public init(inValue bytes: [UInt8], of id: String) throws(EventError) {
        guard case (.created(let draft), _) = try Event.Content.reading(bytes, .created, of: id) else {
            throw .malformed(id: id, "the value has no order")
        }
        self = draft
    }
}

extension BodyError {
    /// Without the values that were sent: they may be personal.
    fileprivate var sentence: String {
        switch self {
        case .notJSON(let error): "the value is not JSON: \(error)"
        case .faults(let faults):
            "the value cannot be decoded: "
                + faults.prefix(5).map { "\($0.pointer) \($0.code.rawValue)" }.joined(separator: ", ")
        }
    }
}
