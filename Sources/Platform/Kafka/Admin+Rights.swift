internal import CLibrdkafka

/// What a cluster's access control lists say of one principal.
public struct GrantedRights: Sendable, Equatable {
    public var rights: Set<AccessRight>
    /// Entries that are not an ``AccessRight``, a phrase each: they forbid something, are about a pattern of names or a single
    /// host, or grant what is not known here.
    public var others: [String]

    public init(rights: Set<AccessRight> = [], others: [String] = []) {
        self.rights = rights
        self.others = others
    }
}

extension Admin {
    /// What a principal (`User:crm`) is granted.
    ///
    /// It is nothing, too, if this client's user may not ask (it needs Describe on the cluster), and if the cluster has no
    /// authorizer: the library (2.0.2) passes that on only beside an entry.
    ///
    /// - Throws: ``KafkaError`` if the brokers do not answer within `timeout`.
    public func granted(to principal: String, timeout: Duration) async throws(KafkaError) -> GrantedRights {
        let native = native
        return try await blocking("kafka-admin") { () throws(KafkaError) in
            let filter = try EntryList.filter(principal: principal)
            defer { rd_kafka_AclBinding_destroy(filter) }
            return try AdminCall(native, timeout: timeout, RD_KAFKA_ADMIN_OP_DESCRIBEACLS).perform {
                native, options, queue in
                rd_kafka_DescribeAcls(native, filter, options, queue)
            } reading: { event throws(KafkaError) in
                Self.granted(event)
            }
        }
    }

    /// Grants rights to a principal. Those that it has already stay.
    ///
    /// - Throws: ``KafkaError`` if one cannot be granted, as where the cluster has no authorizer, or the brokers do not answer
    ///   within `timeout`.
    public func grant(
        _ rights: [AccessRight], to principal: String, timeout: Duration
    ) async throws(KafkaError) {
        guard !rights.isEmpty else { return }
        let native = native
        try await blocking("kafka-admin") { () throws(KafkaError) in
            let entries = try EntryList(rights, principal: principal)
            try AdminCall(native, timeout: timeout, RD_KAFKA_ADMIN_OP_CREATEACLS).perform {
                native, options, queue in
                entries.withArray { rd_kafka_CreateAcls(native, $0, rights.count, options, queue) }
            } reading: { event throws(KafkaError) in
                try Self.checkCreated(event, rights, principal)
            }
        }
    }

    private static func granted(_ event: OpaquePointer) -> GrantedRights {
        var count = 0
        let entries = rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event), &count)
        var granted = GrantedRights()
        for index in 0..<count {
            guard let entry = entries?[index] else { continue }
            if let right = AccessRight(entry) {
                granted.rights.insert(right)
            } else {
                granted.others.append(EntryList.phrase(entry))
            }
        }
        granted.others.sort()
        return granted
    }

    private static func checkCreated(
        _ event: OpaquePointer, _ rights: [AccessRight], _ principal: String
    ) throws(KafkaError) {
        var count = 0
        let results = rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event), &count)
        for index in 0..<count {
            guard let result = results?[index], let error = rd_kafka_acl_result_error(result) else { continue }
            let number = rd_kafka_error_code(error)
            guard number != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            let right = rights.indices.contains(index) ? "\(rights[index])" : "a right"
            throw KafkaError(number, "\(right) was not granted to \(principal)")
        }
    }
}

/// Owns entries of access control lists, as the library has them.
private final class EntryList {
    private static let everyHost = "*"
    private var entries: [OpaquePointer?] = []

    init(_ rights: [AccessRight], principal: String) throws(KafkaError) {
        for right in rights {
            var reason = [CChar](repeating: 0, count: 256)
            guard
                let entry = rd_kafka_AclBinding_new(
                    right.resource.number, right.resource.name, RD_KAFKA_RESOURCE_PATTERN_LITERAL, principal,
                    Self.everyHost, right.operation.number, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, &reason, reason.count)
            else { throw Self.refusal("\(right) cannot be granted to \(principal)", reason) }
            entries.append(entry)
        }
    }

    deinit { for entry in entries { rd_kafka_AclBinding_destroy(entry) } }

    func withArray(_ body: (UnsafeMutablePointer<OpaquePointer?>) -> Void) {
        entries.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }

    /// A filter for all entries of a principal; the caller destroys it.
    static func filter(principal: String) throws(KafkaError) -> OpaquePointer {
        var reason = [CChar](repeating: 0, count: 256)
        guard
            let filter = rd_kafka_AclBindingFilter_new(
                RD_KAFKA_RESOURCE_ANY, nil, RD_KAFKA_RESOURCE_PATTERN_ANY, principal, nil, RD_KAFKA_ACL_OPERATION_ANY,
                RD_KAFKA_ACL_PERMISSION_TYPE_ANY, &reason, reason.count)
        else { throw refusal("the rights of \(principal) cannot be asked for", reason) }
        return filter
    }

    private static func refusal(_ doing: String, _ reason: [CChar]) -> KafkaError {
        let text = String(decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return KafkaError(.configuration, "\(doing): \(text)")
    }

    /// An entry that is no right of ours: `DENY READ on PREFIXED topic orders from 10.0.0.9`.
    static func phrase(_ entry: OpaquePointer) -> String {
        let permission = String(
            cString: rd_kafka_AclPermissionType_name(rd_kafka_AclBinding_permission_type(entry)))
        let operation = String(cString: rd_kafka_AclOperation_name(rd_kafka_AclBinding_operation(entry)))
        let pattern = String(
            cString: rd_kafka_ResourcePatternType_name(rd_kafka_AclBinding_resource_pattern_type(entry)))
        let kind = String(cString: rd_kafka_ResourceType_name(rd_kafka_AclBinding_restype(entry)))
        let name = String(cString: rd_kafka_AclBinding_name(entry))
        let host = String(cString: rd_kafka_AclBinding_host(entry))
        return "\(permission) \(operation) on \(pattern) \(kind) \(name) from \(host)"
    }

    static func isOfEveryHost(_ entry: OpaquePointer) -> Bool {
        String(cString: rd_kafka_AclBinding_host(entry)) == everyHost
    }
}

extension AccessRight {
    /// nil for an entry that is not one of ours.
    fileprivate init?(_ entry: OpaquePointer) {
        guard rd_kafka_AclBinding_permission_type(entry) == RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
            rd_kafka_AclBinding_resource_pattern_type(entry) == RD_KAFKA_RESOURCE_PATTERN_LITERAL,
            EntryList.isOfEveryHost(entry),
            let operation = Operation.allCases.first(where: { $0.number == rd_kafka_AclBinding_operation(entry) }),
            let resource = Resource(rd_kafka_AclBinding_restype(entry), rd_kafka_AclBinding_name(entry))
        else { return nil }
        self.init(operation, resource)
    }
}

extension AccessRight.Operation {
    fileprivate var number: rd_kafka_AclOperation_t {
        switch self {
        case .read: RD_KAFKA_ACL_OPERATION_READ
        case .write: RD_KAFKA_ACL_OPERATION_WRITE
        case .create: RD_KAFKA_ACL_OPERATION_CREATE
        case .describe: RD_KAFKA_ACL_OPERATION_DESCRIBE
        case .describeConfigs: RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS
        }
    }
}

extension AccessRight.Resource {
    /// The protocol has one number for the cluster here, and for a broker where configurations are asked for.
    fileprivate var number: rd_kafka_ResourceType_t {
        switch self {
        case .cluster: RD_KAFKA_RESOURCE_BROKER
        case .topic: RD_KAFKA_RESOURCE_TOPIC
        case .group: RD_KAFKA_RESOURCE_GROUP
        }
    }

    fileprivate init?(_ number: rd_kafka_ResourceType_t, _ name: UnsafePointer<CChar>) {
        switch number {
        case RD_KAFKA_RESOURCE_BROKER: self = .cluster
        case RD_KAFKA_RESOURCE_TOPIC: self = .topic(String(cString: name))
        case RD_KAFKA_RESOURCE_GROUP: self = .group(String(cString: name))
        default: return nil
        }
    }
}
