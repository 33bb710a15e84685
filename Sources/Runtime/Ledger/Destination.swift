/// Whom deliveries go to: `email`, `crm/<connection>`, `conflict`. One name, one lane, one breaker, one book.
public struct Destination: Sendable, Hashable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// Where events lie whose id was taken by another one with other content: nothing is delivered there.
    public static let conflict: Destination = "conflict"

    /// Where a canary's orders go: a receiver that is built in, and calls nobody.
    public static let canary: Destination = "canary"

    /// The kind, in metrics, of a destination whose connection is not known.
    public static let unknownKind = "unknown"

    /// As the ledger's rows and answers have it. Not a label of metrics: a shop's connection would be a series for ever.
    public let text: String

    public init(_ text: String) { self.text = text }
    public init(stringLiteral text: String) { self.text = text }

    /// One of an account's connections: `crm/<connection>`.
    public init(_ kind: String, connection: String) { text = "\(kind)/\(connection)" }

    /// The id of the connection of this kind; nil where the destination is of another kind, or names none.
    public func connection(_ kind: String) -> String? {
        guard text.hasPrefix(kind + "/"), text.utf8.count > kind.utf8.count + 1 else { return nil }
        return String(text.dropFirst(kind.count + 1))
    }

    public var description: String { text }
    public static func < (one: Destination, other: Destination) -> Bool { one.text < other.text }
}
