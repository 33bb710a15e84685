/// A header of a record: a name and its bytes.
public struct RecordHeader: Sendable, Equatable {
    public let name: String
    private let content: Content

    /// A text is not copied into bytes just to be passed on.
    private enum Content: Sendable {
        case bytes([UInt8])
        case text(String)
    }

    public init(_ name: String, _ value: [UInt8]) {
        self.name = name
        content = .bytes(value)
    }

    /// A header whose bytes are a text's, in UTF-8.
    public init(_ name: String, text: String) {
        self.name = name
        content = .text(text)
    }

    public var value: [UInt8] {
        switch content {
        case .bytes(let bytes): bytes
        case .text(let text): Array(text.utf8)
        }
    }

    /// Passes the value's bytes to `body` without a copy.
    func withValue<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch content {
        case .bytes(let bytes): return bytes.withUnsafeBytes(body)
        case .text(var text): return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
        }
    }

    public static func == (one: Self, other: Self) -> Bool { one.name == other.name && one.value == other.value }
}

/// A topic's partition.
public struct TopicPartition: Sendable, Hashable, CustomStringConvertible {
    public let topic: String
    public let partition: Int32

    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    public var description: String { "\(topic)/\(partition)" }
}

/// A record that was read from a partition.
public struct Record: Sendable {
    public let source: TopicPartition
    public let offset: Int64
    /// Milliseconds since 1970, UTC; nil if the record has none.
    public let timestamp: Int64?
    /// Whether the broker set the timestamp (`LogAppendTime`), not the producer (`CreateTime`).
    public let isTimestampFromBroker: Bool
    /// nil if the record has none.
    public let key: [UInt8]?
    /// nil for a tombstone.
    public let value: [UInt8]?
    public let headers: [RecordHeader]

    public init(
        source: TopicPartition, offset: Int64, timestamp: Int64?, isTimestampFromBroker: Bool = false,
        key: [UInt8]?, value: [UInt8]?, headers: [RecordHeader] = []
    ) {
        self.source = source
        self.offset = offset
        self.timestamp = timestamp
        self.isTimestampFromBroker = isTimestampFromBroker
        self.key = key
        self.value = value
        self.headers = headers
    }
}

/// A record to be produced.
public struct OutgoingRecord: Sendable {
    public var topic: String
    /// nil: chosen by the key (murmur2, as Kafka's own clients choose).
    public var partition: Int32?
    public var key: [UInt8]
    /// nil for a tombstone.
    public var value: [UInt8]?
    public var headers: [RecordHeader]

    public init(
        topic: String, partition: Int32? = nil, key: [UInt8], value: [UInt8]?, headers: [RecordHeader] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
    }
}

/// The position of an acknowledged record.
public struct Acknowledgement: Sendable, Equatable {
    public let partition: Int32
    public let offset: Int64

    public init(partition: Int32, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }
}
