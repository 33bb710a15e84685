public import Crypto

/// An event as it lies on its topic and in the ledger, whatever it is about: what it says of itself, and the record's
/// value, unread. Of these, `Orders` makes and reads events of orders.
public struct Envelope: Sendable, Equatable {
    /// Unique among all events: `ce_id`.
    public var id: String
    /// `orderrelay.order.created` …
    public var type: String
    /// The account's id.
    public var account: String
    /// The id of what the event is about, such as an order. It is the record's key.
    public var subject: String
    /// When the event happened.
    public var time: Timestamp
    /// SHA-256 of what the event says; it is in the value, too.
    public var digest: Digest
    /// W3C's trace context of the request that caused the event; nil if it had no context.
    public var traceparent: String?
    /// The record's value, byte by byte.
    public var value: [UInt8]

    public init(
        id: String, type: String, account: String, subject: String, time: Timestamp, digest: Digest,
        traceparent: String?, value: [UInt8]
    ) {
        self.id = id
        self.type = type
        self.account = account
        self.subject = subject
        self.time = time
        self.digest = digest
        self.traceparent = traceparent
        self.value = value
    }

    /// `<event id>~<12 hexadecimal digits of the digest>`: if an id already belongs to an event with other content, the
    /// event is kept under this id instead, and its repeats fold.
    public static func conflictID(of id: String, digest: Digest) -> String {
        "\(id)~\(digest.withUnsafeBytes { hexadecimal($0.prefix(6)) })"
    }
}

/// Why a record is not an event that this program can read.
public enum EventError: Error, Sendable, Equatable {
    /// Not an event at all: it has no readable id. The text says what is wrong.
    case poison(String)
    /// An event with a readable id of a type that this program does not know.
    case unknownType(id: String, type: String)
    /// An event of a schema newer than this program's.
    case newerSchema(id: String, schema: Int64)
    /// An event whose content cannot be read; the text says what is wrong.
    case malformed(id: String, String)
}
