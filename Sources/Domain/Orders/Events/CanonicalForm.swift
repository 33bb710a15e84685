public import Crypto
import JSON

/// What an order or a change of one says, with the digest that repeats are known by: an object with the API's names in a
/// fixed order, absent members left out. Its bytes are hashed: a change of it changes every digest, so it goes with a new
/// schema number.
public struct CanonicalForm: Sendable {
    public let bytes: [UInt8]
    /// SHA-256 over the form; of an order without its `transactionDate`, which known clients set anew at each try.
    public let digest: Digest

    public init(_ draft: OrderDraft) {
        let transactionDate: Range<Int>
        (bytes, transactionDate) = Self.written(draft)
        digest = sha256(bytes[..<transactionDate.lowerBound], bytes[transactionDate.upperBound...])
    }

    public init(_ change: OrderChange) {
        bytes = Self.written(change)
        digest = sha256(bytes)
    }

    /// What an event says.
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

    private static func written(_ draft: OrderDraft) -> (bytes: [UInt8], transactionDate: Range<Int>) {
        var writer = JSONWriter(capacity: Event.usualByteCount)
        let transactionDate = draft.write(to: &writer)
        return (writer.bytes, transactionDate)
    }

    private static func written(_ change: OrderChange) -> [UInt8] {
        var writer = JSONWriter(capacity: Event.usualByteCount)
        change.write(to: &writer)
        return writer.bytes
    }
}

extension OrderDraft {
    /// Reads a canonical form again. What was accepted once is not judged again: only kinds of values are checked.
    public init(canonicalForm: [UInt8]) throws(BodyError) {
        var reader = DraftReader(settings: .written, origin: .stored)
        try reading(canonicalForm) { json throws(JSONError) in try reader.read(&json) }
        self = try reader.finish()
    }

    /// - Returns: where `transactionDate` lies, with the comma before it; empty where there is none.
    fileprivate func write(to writer: inout JSONWriter) -> Range<Int> {
        var transactionDatePlace = 0..<0
        writer.object { writer in
            writer.member("externalId", externalID)
            writer.member("source", source)
            writer.member("offerId", offerID)
            writer.member("paymentCreditsId", paymentCreditsID)
            writer.member("managerId", managerID)
            writer.member("title", title)
            writer.member("price", price)
            writer.member("currency", (price ?? items.lazy.compactMap(\.price).first)?.currency.code)
            if !items.isEmpty {
                writer.key("items")
                writer.array { writer in for item in items { item.write(to: &writer) } }
            }
            if buyer != Buyer() {
                writer.key("customer")
                buyer.write(to: &writer)
            }
            writer.member("locale", locale.rawValue)
            if !utm.isEmpty {
                writer.key("utm")
                writer.object { writer in
                    for tag in ["campaign", "content", "medium", "source", "term"] {
                        guard let value = utm[tag] else { continue }
                        writer.key(dynamic: tag)
                        writer.string(value)
                    }
                }
            }
            let start = writer.count
            writer.member("transactionDate", transactionDate?.iso8601)
            transactionDatePlace = start..<writer.count
            writer.key("isNotifyAccount")
            writer.bool(isNotifyAccount)
        }
        return transactionDatePlace
    }
}

extension OrderChange {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("status", status?.rawValue)
            writer.member("price", price)
            writer.member("currency", price?.currency.code)
            writer.member("paymentDate", paymentDate?.iso8601)
            writer.member("userComments", userComments)
        }
    }
}

extension Item {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("title", title)
            writer.key("quantity")
            writer.int64(quantity)
            writer.member("price", price)
            writer.member("sku", sku)
        }
    }
}

extension Buyer {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("email", email)
            writer.member("phone", phone)
            writer.member("personId", personID)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }

    /// An amount as a string: programs that read numbers as binary fractions must not round it.
    fileprivate mutating func member(_ name: StaticString, _ money: Money?) {
        member(name, money?.decimal.description)
    }
}

extension AccountSettings {
    /// Money and languages are written out in every canonical form: these stand in for nothing that was written.
    static let written = AccountSettings(locale: .uk, country: "UA", currency: .uah)
}
