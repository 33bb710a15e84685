internal import CLibrdkafka

extension Admin {
    /// Creates the missing topics; existing ones stay as they are.
    ///
    /// - Returns: the names that were created.
    /// - Throws: ``KafkaError`` if a topic cannot be created, or the brokers do not answer within `timeout`.
    public func create(_ topics: [TopicSpecification], timeout: Duration) async throws(KafkaError) -> [String] {
        guard !topics.isEmpty else { return [] }
        let native = native
        return try await blocking("kafka-admin") { () throws(KafkaError) in
            let brokers = try Metadata.topics([], native, timeout: timeout).brokers
            let request = try TopicRequest(topics, replication: brokers >= 3 ? 3 : 1)
            let names = try AdminCall(native, timeout: timeout, RD_KAFKA_ADMIN_OP_CREATETOPICS).perform {
                native, options, queue in
                request.withArray { rd_kafka_CreateTopics(native, $0, topics.count, options, queue) }
            } reading: { event throws(KafkaError) in
                try Self.created(event)
            }
            try Metadata.waitUntilKnown(topics.map(\.name), native, timeout: timeout)
            return names
        }
    }

    /// Those of the named topics that exist.
    ///
    /// - Throws: ``KafkaError`` if the brokers do not answer within `timeout`, or refuse.
    public func describe(_ names: [String], timeout: Duration) async throws(KafkaError) -> [TopicDescription] {
        guard !names.isEmpty else { return [] }
        let native = native
        return try await blocking("kafka-admin") { () throws(KafkaError) in
            // All topics are requested: the library never forgets one that was requested by name.
            let wanted = Set(names)
            let found = try Metadata.topics([], native, timeout: timeout).topics
                .filter { wanted.contains($0.name) && $0.error == nil }
            guard !found.isEmpty else { return [] }
            let request = ConfigurationRequest(found.map(\.name))
            let configurations = try AdminCall(native, timeout: timeout, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS).perform {
                native, options, queue in
                request.withArray { rd_kafka_DescribeConfigs(native, $0, found.count, options, queue) }
            } reading: { event throws(KafkaError) in
                try Self.configurations(event)
            }
            return found.map { topic in
                TopicDescription(
                    name: topic.name, partitions: topic.partitions, replication: topic.replication,
                    configuration: configurations[topic.name] ?? [:])
            }
        }
    }

    private static func created(_ event: OpaquePointer) throws(KafkaError) -> [String] {
        var count = 0
        guard let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        else {
            return []
        }
        var names: [String] = []
        for index in 0..<count {
            let name = String(cString: rd_kafka_topic_result_name(results[index]))
            switch rd_kafka_topic_result_error(results[index]) {
            case RD_KAFKA_RESP_ERR_NO_ERROR: names.append(name)
            case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: continue
            case let failure:
                let reason = rd_kafka_topic_result_error_string(results[index]).map { String(cString: $0) } ?? ""
                let (code, isRetriable) = KafkaError.meaning(of: failure)
                throw KafkaError(
                    code, "the topic \(name) was not created: \(reason)\(code.advice)", isRetriable: isRetriable)
            }
        }
        return names
    }

    private static func configurations(_ event: OpaquePointer) throws(KafkaError) -> [String: [String: String]] {
        var count = 0
        let result = rd_kafka_event_DescribeConfigs_result(event)
        guard let resources = rd_kafka_DescribeConfigs_result_resources(result, &count) else { return [:] }
        var configurations: [String: [String: String]] = [:]
        for index in 0..<count {
            let name = String(cString: rd_kafka_ConfigResource_name(resources[index]))
            let failure = rd_kafka_ConfigResource_error(resources[index])
            guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaError(failure, "cannot read the configuration of topic \(name)")
            }
            var entryCount = 0
            let entries = rd_kafka_ConfigResource_configs(resources[index], &entryCount)
            for entry in 0..<entryCount {
                guard let entry = entries?[entry], let value = rd_kafka_ConfigEntry_value(entry) else { continue }
                configurations[name, default: [:]][String(cString: rd_kafka_ConfigEntry_name(entry))] =
                    String(cString: value)
            }
        }
        return configurations
    }
}

/// Owns the arguments of a call that creates topics.
private final class TopicRequest {
    private var topics: [OpaquePointer?] = []

    init(_ specifications: [TopicSpecification], replication: Int) throws(KafkaError) {
        for one in specifications {
            var reason = [CChar](repeating: 0, count: 256)
            guard
                let topic = rd_kafka_NewTopic_new(
                    one.name, one.partitions, Int32(one.replication ?? replication), &reason, reason.count)
            else {
                let text = String(decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                throw KafkaError(.configuration, "the topic \(one.name) cannot be created: \(text)")
            }
            topics.append(topic)
            for (name, value) in one.configuration { rd_kafka_NewTopic_set_config(topic, name, value) }
        }
    }

    deinit { for topic in topics { rd_kafka_NewTopic_destroy(topic) } }

    func withArray(_ body: (UnsafeMutablePointer<OpaquePointer?>) -> Void) {
        topics.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }
}

/// Owns the arguments of a call that describes topics' configurations.
private final class ConfigurationRequest {
    private var resources: [OpaquePointer?]

    init(_ names: [String]) { resources = names.map { rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0) } }

    deinit { for resource in resources { rd_kafka_ConfigResource_destroy(resource) } }

    func withArray(_ body: (UnsafeMutablePointer<OpaquePointer?>) -> Void) {
        resources.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }
}
