/// The settings that make the client library (2.0.2 and newer) behave, and why.
enum ClientRules {
    /// What kind of client is configured.
    enum Role {
        case producer(lingerMilliseconds: Int)
        /// - Parameter prefetchBytesMaximum: how many bytes of each partition are fetched ahead; nil: the library's
        ///   default, 64 MB.
        case member(group: String, prefetchBytesMaximum: Int? = nil)
        case reader
        case admin

        var isMember: Bool { if case .member = self { true } else { false } }

        /// Whether its threads must wake to the fraction of a millisecond: where records wait for a batch, that is what
        /// they wait for.
        var isHurried: Bool {
            if case .producer(let lingerMilliseconds) = self { lingerMilliseconds > 0 } else { false }
        }
    }

    /// Settings that must not be given, with the reason: otherwise a client hangs or loses records.
    static let forbidden: [String: String] = [
        "queued.min.messages": "below its threshold librdkafka 2.0.2 sleeps a whole second between fetches",
        "queued.max.messages.kbytes": "below its threshold librdkafka 2.0.2 sleeps a whole second between fetches",
        "enable.idempotence": "without it a retry inside the client duplicates or reorders records",
        "acks": "an order is accepted only when all in-sync replicas have it",
        "request.required.acks": "an order is accepted only when all in-sync replicas have it",
        "enable.auto.commit": "positions are committed by the owner of a partition, never by a timer",
        "auto.commit.enable": "positions are committed by the owner of a partition, never by a timer",
        "enable.auto.offset.store": "positions are committed by the owner of a partition, never by a timer",
        "auto.offset.reset": "a reader that has lost its position must stop, not start somewhere else",
        "partition.assignment.strategy": "members of one group must agree on it, and on revoking everything first",
        "group.id": "the worker names the group",
        "log.queue": "the library's log goes where ours goes",
    ]

    /// Settings with a minimum, with the reason.
    static let leastValues: [String: (value: Int, reason: String)] = [
        "statistics.interval.ms": (
            1, "readiness and metrics are read from the statistics; with 0 a worker would not notice that Kafka is gone"
        )
    ]

    /// Defaults for every client; given properties replace them.
    static let defaults: [String: String] = [
        "client.id": "orderrelay",
        // An order waits for its acknowledgement: small packets must not wait for the next.
        "socket.nagle.disable": "true",
        "socket.keepalive.enable": "true",
        "reconnect.backoff.max.ms": "1000",
        "topic.metadata.refresh.interval.ms": "20000",
        "statistics.interval.ms": "5000",
    ]

    /// Every property of a client of `role`, by name.
    static func values(_ role: Role, over given: [String: String]) throws(KafkaError) -> [String: String] {
        for name in given.keys.sorted() {
            if let reason = forbidden[name] {
                throw KafkaError(.configuration, "the property \(name) cannot be set: \(reason)")
            }
            if let least = leastValues[name], let value = Int(given[name] ?? ""), value < least.value {
                throw KafkaError(.configuration, "the property \(name) must be \(least.value) or more: \(least.reason)")
            }
        }
        var values = defaults
        var rules = ["log.queue": "true"]
        var given = given
        switch role {
        case .producer(let lingerMilliseconds):
            values.merge(producerDefaults) { $1 }
            values["linger.ms"] = String(lingerMilliseconds)
            rules["enable.idempotence"] = "true"
            rules["acks"] = "all"
        case .member(let group, let prefetchBytesMaximum):
            values.merge(memberDefaults) { $1 }
            rules.merge(readerRules) { $1 }
            rules["group.id"] = group
            rules["partition.assignment.strategy"] = assignment
            if let bytes = prefetchBytesMaximum { rules["queued.max.messages.kbytes"] = String(max(1, bytes / 1024)) }
        case .reader:
            rules.merge(readerRules) { $1 }
            // How a reader knows that it has caught up where the log's last records are compacted away.
            rules["enable.partition.eof"] = "true"
            // Required for assigning; nothing is ever committed to it.
            rules["group.id"] = readerGroup
        case .admin: break
        }
        // It is of a group's members; the library warns where another client has it.
        if !role.isMember { given[memberID] = nil }
        values.merge(given) { $1 }
        values.merge(rules) { $1 }
        return values
    }

    /// The group that readers name and never join.
    static let readerGroup = "orderrelay-reader"

    /// The library's name of a member's lasting id: a process that comes back under it has its partitions again, and nobody
    /// else's move. Set where each process has one of its own.
    static let memberID = "group.instance.id"

    /// How a group shares its partitions out: everything is revoked before anything is assigned, so that a position is
    /// copied before it moves. Measured on 2.0.2, three members restarted one after another (Tests/Benchmarks/README.md,
    /// *rebalances*):
    ///
    /// - `range` moves a partition 2.6 times, `roundrobin` 4 times: a member more or less shifts neighbours only. The second
    ///   is named for members of before, which know no other.
    /// - `cooperative-sticky` moves it twice, but cannot be used: a commit that a broker answers while the group rebalances
    ///   takes all partitions from the member (librdkafka #4059, fixed in 2.10), and it takes up to 15 s until all are read
    ///   again; it pauses and resumes what stays, while batches taken from those queues may lose records (known issue of
    ///   2.0); a client that is closed before its first assignment crashes (#4381, fixed in 2.3).
    /// - With ``memberID``, no other member's partitions move.
    static let assignment = "range,roundrobin"

    static let producerDefaults: [String: String] = [
        // As Kafka's own clients choose a partition.
        "partitioner": "murmur2",
        // Longer than any caller waits, so that a record that a caller was promised can still arrive; short enough to
        // bound what is held.
        "message.timeout.ms": "10000",
        "queue.buffering.max.messages": "100000",
        "queue.buffering.max.kbytes": "262144",
    ]

    static let memberDefaults: [String: String] = [
        // A crashed member's partitions are read by another after this.
        "session.timeout.ms": "10000",
        // Members hear of a change only in the answer to this: with 3 s it took 2.9 s until all is read again, with 1 s 1.3 s.
        "heartbeat.interval.ms": "1000",
        // Also the time a group waits for a member to come back at a rebalance; draining is bounded well below it.
        "max.poll.interval.ms": "60000",
    ]

    static let readerRules: [String: String] = [
        "enable.auto.commit": "false",
        "enable.auto.offset.store": "false",
        "auto.offset.reset": "error",
        "enable.partition.eof": "false",
    ]
}
