public import Crypto
import JSON

/// What an order or a change of one says, with the digest by which repeats are recognised: an object with the API's
/// names in a fixed order, absent members left out. Its bytes are hashed: a change of it changes every digest, so it
/// goes with a new schema number.
public struct CanonicalForm: Sendable {
    /// JSON, UTF-8.
    public let bytes: [UInt8]
    /// SHA-256 over the form; for an order without its `transactionDate`, which known clients change with every
    /// attempt.
    public let digest: Digest

    public init(_ draft: borrowing OrderDraft) {
        let transactionDate: Range<Int>
        (bytes, transactionDate) = Self.written(draft)
        digest = sha256(bytes[..<transactionDate.lowerBound], bytes[transactionDate.upperBound...])
    }

    public init(_ change: OrderChange) {
        bytes = Self.written(change)
        digest = sha256(bytes)
    }

    /// The form of what the present rules read, with the digest that the first rules give it.
    public init(_ reading: ReadBody<OrderDraft>) {
        self.init(CanonicalForm(reading.value), digest: reading.first.map { CanonicalForm($0).digest })
    }

    /// The same for a change.
    public init(_ reading: ReadBody<OrderChange>) {
        self.init(CanonicalForm(reading.value), digest: reading.first.map { CanonicalForm($0).digest })
    }

    private init(_ form: CanonicalForm, digest: Digest?) {
        bytes = form.bytes
        self.digest = digest ?? form.digest
    }

    /// The form of what an event says.
    public init(_ content: Event.Content) {
        switch content {
        case .created(let draft): self.init(draft)
        case .updated(let change), .paid(let change), .refunded(let change): self.init(change)
        }
    }

    /// The bytes alone, where the digest is known already.
    static func bytes(of content: Event.Content) -> [UInt8] {
        switch content {
        case .created(let draft): written(draft).bytes
        case .updated(let change), .paid(let change), .refunded(let change): written(change)
        }
    }

    private static func written(_ draft: borrowing OrderDraft) -> (bytes: [UInt8], transactionDate: Range<Int>) {
        var writer = JSONWriter(capacity: EventValue.usualByteCount)
        let transactionDate = draft.write(to: &writer)
        return (writer.bytes, transactionDate)
    }

    private static func written(_ change: OrderChange) -> [UInt8] {
        var writer = JSONWriter(capacity: EventValue.usualByteCount)
        writer.object { writer in for field in ChangeField.allCases { change.write(field, to: &writer) } }
        return writer.bytes
    }
}

extension OrderDraft {
    /// Reads a canonical form back. What was accepted once is not validated again: only the kinds of values are
    /// checked.
    ///
    /// - Throws: ``BodyError`` if the bytes are not JSON, or a value has another kind.
    public init(canonicalForm: [UInt8]) throws(BodyError) {
        var reader = DraftReader(settings: .written, origin: .stored)
        try readingJSON(canonicalForm) { json throws(JSONError) in try reader.read(&json) }
        self = try reader.finish()
    }

    /// - Returns: where `transactionDate` lies, with the comma before it; empty if the order has none.
    fileprivate func write(to writer: inout JSONWriter) -> Range<Int> {
        var transactionDatePlace = 0..<0
        writer.object { writer in
            for field in OrderField.allCases {
                let start = writer.count
                write(field, to: &writer)
                if field == .transactionDate { transactionDatePlace = start..<writer.count }
            }
        }
        return transactionDatePlace
    }
}

extension AccountSettings {
    /// Money and languages are written out in every canonical form: these defaults are never used.
    static let written = AccountSettings(locale: .uk, country: "UA", currency: .uah)
}
