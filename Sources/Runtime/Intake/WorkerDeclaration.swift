/// A worker's name, and what it reads.
public struct WorkerDeclaration: Sendable, Equatable {
    public let name: String
    public let topics: [String]
    /// What its destinations are, `email` or a CRM's kind: a label of its metrics.
    public let kinds: [String]
    /// Whether what it delivers is read by a buyer: what may have been delivered before then waits for a person.
    public let reachesBuyers: Bool
    /// Whether what cannot be read or delivered is copied to topic `dead-letters`.
    public let writesDeadLetters: Bool
    public init(
        _ name: String, topics: [String], kinds: [String] = [], reachesBuyers: Bool = false,
        writesDeadLetters: Bool = true
    ) {
        self.name = name
        self.topics = topics
        self.kinds = kinds
        self.reachesBuyers = reachesBuyers
        self.writesDeadLetters = writesDeadLetters
    }
    /// The consumer group that every process of this worker joins.
    public var group: String { "orderrelay-\(name)" }
}
