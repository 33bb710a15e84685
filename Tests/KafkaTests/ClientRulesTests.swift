import Testing

@testable import Kafka

@Suite("The client library's settings") struct ClientRulesTests {
    func value(_ name: String, _ role: ClientRules.Role, _ given: [String: String] = [:]) throws -> String? {
        let properties = ClientProperties(given.merging(["bootstrap.servers": "127.0.0.1:1"]) { $1 })
        return try ClientConfiguration(role, properties).value(of: name)
    }

    static let roles: [ClientRules.Role] = [.producer(lingerMilliseconds: 1), .member(group: "g"), .reader, .admin]

    @Test(
        "every client sends small packets at once, reconnects within a second, and refreshes metadata every 20 s",
        arguments: roles)
    func everyClient(_ role: ClientRules.Role) throws {
        #expect(try value("socket.nagle.disable", role) == "true")
        #expect(try value("reconnect.backoff.max.ms", role) == "1000")
        #expect(try value("topic.metadata.refresh.interval.ms", role) == "20000")
        #expect(try value("log.queue", role) == "true")
        #expect(try value("statistics.interval.ms", role) == "5000")
    }

    @Test("the queues' sizes stay at the library's defaults, and giving them is refused with the reason")
    func queueSizes() throws {
        #expect(try value("queued.min.messages", .member(group: "g")) == "100000")
        #expect(try value("queued.max.messages.kbytes", .member(group: "g")) == "65536")
        let error = #expect(throws: KafkaError.self) {
            _ = try self.value("x", .member(group: "g"), ["queued.min.messages": "1"])
        }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("queued.min.messages") == true)
        #expect(error?.message.contains("sleeps") == true)
    }

    @Test("what a member fetches ahead of its owners is bounded by bytes where it is asked to be, and by nothing else")
    func prefetch() throws {
        let role = ClientRules.Role.member(group: "g", prefetchBytesMaximum: 2 << 20)
        #expect(try value("queued.max.messages.kbytes", role) == "2048")
        #expect(try value("queued.min.messages", role) == "100000")
    }

    @Test("a producer is idempotent, waits for all in-sync replicas, and partitions as Kafka's own clients do")
    func producer() throws {
        let role = ClientRules.Role.producer(lingerMilliseconds: 3)
        #expect(try value("enable.idempotence", role) == "true")
        #expect(try value("acks", role) == "-1")
        #expect(try value("partitioner", role) == "murmur2")
        #expect(try value("linger.ms", role) == "3")
        #expect(try value("delivery.report.only.error", role) == "false")
    }

    @Test(
        "a reader commits nothing by itself, and stops where its place is not in the log",
        arguments: [ClientRules.Role.member(group: "g"), .reader])
    func reader(_ role: ClientRules.Role) throws {
        #expect(try value("enable.auto.commit", role) == "false")
        #expect(try value("enable.auto.offset.store", role) == "false")
        #expect(try value("auto.offset.reset", role) == "error")
    }

    @Test("a group revokes everything before it assigns anything")
    func eager() throws {
        #expect(try value("partition.assignment.strategy", .member(group: "g")) == "range,roundrobin")
    }

    @Test("a member's lasting id is given to members alone")
    func memberID() throws {
        let given = ["group.instance.id": "crm-1"]
        #expect(try ClientRules.values(.member(group: "g"), over: given)["group.instance.id"] == "crm-1")
        for role in [ClientRules.Role.reader, .admin, .producer(lingerMilliseconds: 1)] {
            #expect(try ClientRules.values(role, over: given)["group.instance.id"] == nil)
        }
    }

    @Test("other properties pass through, a wrong one is refused by name without its value")
    func passing() throws {
        #expect(try value("client.id", .admin, ["client.id": "mine"]) == "mine")
        #expect(try value("sasl.username", .admin, ["sasl.username": "me"]) == "me")
        let error = #expect(throws: KafkaError.self) {
            _ = try self.value("x", .admin, ["security.protocol": "hunter2secret"])
        }
        #expect(error?.message.contains("security.protocol") == true)
        #expect(error?.message.contains("hunter2secret") == false)
    }

    @Test("statistics cannot be switched off, and may come often")
    func statistics() throws {
        #expect(throws: KafkaError.self) { try ClientRules.values(.admin, over: ["statistics.interval.ms": "0"]) }
        let often = try ClientRules.values(.admin, over: ["statistics.interval.ms": "50"])
        #expect(often["statistics.interval.ms"] == "50")
    }

    @Test(
        "properties can be checked before there is a client",
        arguments: [
            ["acks": "1"], ["statistics.interval.ms": "0"], ["no.such.property": "1"],
            ["socket.keepalive.enable": "perhaps"],
        ])
    func check(_ values: [String: String]) throws {
        var properties = ClientProperties(bootstrapServers: "127.0.0.1:1")
        try properties.check()
        properties.values.merge(values) { $1 }
        let error = #expect(throws: KafkaError.self) { try properties.check() }
        #expect(error?.code == .configuration && error?.message.contains(values.keys.first!) == true)
    }

    @Test("what cannot be given is refused", arguments: ClientRules.forbidden.keys.sorted())
    func forbidden(_ name: String) {
        #expect(throws: KafkaError.self) { _ = try self.value(name, .member(group: "g"), [name: "1"]) }
    }
}
