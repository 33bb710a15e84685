/// Something that Kafka allows a user to do with one resource, from any host: what one entry of its access control lists (ACL)
/// grants.
public struct AccessRight: Sendable, Hashable {
    /// What is protected. Names are literal, never patterns.
    public enum Resource: Sendable, Hashable {
        case cluster
        case topic(String)
        case group(String)
    }

    /// What is done with it, by Kafka's names.
    public enum Operation: String, Sendable, CaseIterable {
        case read = "Read"
        case write = "Write"
        case create = "Create"
        case describe = "Describe"
        case describeConfigs = "DescribeConfigs"
    }

    public let operation: Operation
    public let resource: Resource

    public init(_ operation: Operation, _ resource: Resource) {
        self.operation = operation
        self.resource = resource
    }

    /// Whether whoever has `other` has this one, too: Read and Write of a resource include Describe.
    func isIncluded(in other: AccessRight) -> Bool {
        self == other
            || operation == .describe && resource == other.resource && [.read, .write].contains(other.operation)
    }
}

extension AccessRight.Resource {
    /// `topic`, `group` or `cluster`, as `kafka-acls.sh` has it.
    public var kind: String {
        switch self {
        case .cluster: "cluster"
        case .topic: "topic"
        case .group: "group"
        }
    }

    /// Kafka's name of the resource.
    public var name: String {
        switch self {
        case .cluster: "kafka-cluster"
        case .topic(let name), .group(let name): name
        }
    }
}

extension AccessRight: Comparable, CustomStringConvertible {
    private var place: (Int, String, Int) {
        let kind =
            switch resource {
            case .topic: 0
            case .group: 1
            case .cluster: 2
            }
        return (kind, resource.name, Operation.allCases.firstIndex(of: operation)!)
    }

    public static func < (one: AccessRight, other: AccessRight) -> Bool { one.place < other.place }

    /// `Read on topic orders`
    public var description: String { "\(operation.rawValue) on \(resource.kind) \(resource.name)" }
}

extension Sequence<AccessRight> {
    /// The same rights in order, each once, without those that another one includes.
    public var condensed: [AccessRight] {
        let all = Set(self)
        return all.filter { right in !all.contains { $0 != right && right.isIncluded(in: $0) } }.sorted()
    }
}
