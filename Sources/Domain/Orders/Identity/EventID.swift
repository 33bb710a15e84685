import Crypto

/// The id of an event that this program makes: its order, its kind, and what distinguishes it from others of its kind.
/// Held as numbers, so that a hundred thousand of them can be remembered without a text for each.
public struct EventID: Sendable, Hashable, CustomStringConvertible {
    public let order: OrderID
    public let kind: Event.Kind
    /// 48 bits; 0 for what happens once.
    private let distinction: UInt64

    private static let distinctionByteCount = 6

    /// `<order id>.created`: an order is created once.
    public static func created(_ order: OrderID) -> EventID { EventID(order: order, kind: .created, distinction: 0) }

    /// `<order id>.<kind>.<12 hexadecimal digits>`: of the key's SHA-256, or random ones.
    public static func later(_ order: OrderID, _ kind: Event.Kind, _ distinction: Event.Distinction) -> EventID {
        switch distinction {
        case .idempotencyKey(let key):
            return EventID(order: order, kind: kind, distinction: sha256(Array(key.utf8)).first >> 16)
        case .random(let bytes):
            precondition(bytes.count == distinctionByteCount, "a random suffix has 6 bytes, not \(bytes.count)")
            return EventID(order: order, kind: kind, distinction: bytes.reduce(0) { $0 << 8 | UInt64($1) })
        }
    }

    /// `<order id>.<kind>`, and after it, except for a creation, `.<12 hexadecimal digits>`.
    public var text: String {
        let kind = kind.rawValue.utf8
        let kindEnd = OrderID.digitCount + 1 + kind.count
        let count = self.kind == .created ? kindEnd : kindEnd + 1 + 2 * Self.distinctionByteCount
        return String(unsafeUninitializedCapacity: count) { text in
            let place = order.write(text)
            text[place] = UInt8(ascii: ".")
            for (index, letter) in kind.enumerated() { text[place + 1 + index] = letter }
            if count > kindEnd {
                text[kindEnd] = UInt8(ascii: ".")
                writeHexadecimal(distinction, to: text[(kindEnd + 1)..<count])
            }
            return count
        }
    }

    public var description: String { text }
}

extension Event {
    /// What can happen to an order.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case created, updated, paid, refunded

        /// `orderrelay.order.created` …
        public var type: String {
            // Written out: a literal costs no allocation for each record.
            switch self {
            case .created: "orderrelay.order.created"
            case .updated: "orderrelay.order.updated"
            case .paid: "orderrelay.order.paid"
            case .refunded: "orderrelay.order.refunded"
            }
        }
    }

    /// What distinguishes one later event of an order from another of its kind.
    public enum Distinction: Sendable, Hashable {
        /// The request's `Idempotency-Key`: a repeat has the same id.
        case idempotencyKey(String)
        /// The request has no key: 6 random bytes, since the same update may be sent twice on purpose.
        case random([UInt8])
    }
}
