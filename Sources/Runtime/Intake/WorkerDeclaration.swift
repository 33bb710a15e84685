/// A worker's name, and what it reads.
public struct WorkerDeclaration: Sendable, Equatable {
    public let name: String
    public let topics: [String]
    public init(_ name: String, topics: [String]) {
        self.name = name
        self.topics = topics
    }
    /// The consumer group that every process of this worker joins.
    public var group: String { "orderrelay-\(name)" }
}
