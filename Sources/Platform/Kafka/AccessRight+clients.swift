/// What each kind of client needs. Whoever makes a client names its rights by these.
extension AccessRight {
    /// Of a ``Producer`` of these topics. It has no transactional id; an idempotent producer needs nothing beside (brokers
    /// before 2.8 want IdempotentWrite on the cluster, too).
    public static func producing(to topics: String...) -> [AccessRight] {
        topics.map { AccessRight(.write, .topic($0)) }
    }

    /// Of a ``TopicReader``, and of ``Admin/record(at:of:timeout:)``. The library asks for the coordinator of the group that
    /// a reader names, although it never joins it.
    public static func reading(_ topics: [String]) -> [AccessRight] {
        topics.map { AccessRight(.read, .topic($0)) } + [AccessRight(.describe, .group(ClientRules.readerGroup))]
    }

    /// Of a ``Consumer``.
    public static func joining(group: String, topics: [String]) -> [AccessRight] {
        topics.map { AccessRight(.read, .topic($0)) } + [AccessRight(.read, .group(group))]
    }

    /// Of ``Admin/committed(group:_:timeout:)``.
    public static func positions(ofGroup group: String, topics: [String]) -> [AccessRight] {
        topics.map { AccessRight(.describe, .topic($0)) } + [AccessRight(.describe, .group(group))]
    }

    /// Of ``Admin/describe(_:timeout:)``.
    public static func describing(_ topics: [String]) -> [AccessRight] {
        topics.flatMap { [AccessRight(.describe, .topic($0)), AccessRight(.describeConfigs, .topic($0))] }
    }

    /// Of ``Admin/create(_:timeout:)``.
    public static func creating(_ topics: [String]) -> [AccessRight] {
        topics.flatMap { [AccessRight(.create, .topic($0)), AccessRight(.describe, .topic($0))] }
    }

    /// Of ``Admin/granted(to:timeout:)``.
    public static var describingRights: [AccessRight] { [AccessRight(.describe, .cluster)] }
}
