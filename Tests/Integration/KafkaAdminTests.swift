import Foundation
import Kafka
import Support
import Testing

@Suite("Kafka's administration, on a real Kafka", .needsRealKafka) struct KafkaAdminTests {
    @Test("topics are created as specified, once, and described as they are")
    func createAndDescribe() async throws {
        let kafka = try await RealKafka.running()
        let admin = try Admin(kafka.properties)
        let control = kafka.fresh("control")
        let limits = kafka.fresh("ratelimit")
        let specifications = [
            TopicSpecification(name: control, partitions: 6, configuration: ["cleanup.policy": "compact"]),
            TopicSpecification(
                name: limits, partitions: 24,
                configuration: ["message.timestamp.type": "LogAppendTime", "retention.ms": "3600000"]),
        ]
        #expect(try await admin.create(specifications, timeout: .seconds(20)).sorted() == [control, limits].sorted())
        #expect(try await admin.create(specifications, timeout: .seconds(20)) == [])
        let found = try await admin.describe([control, limits, kafka.fresh("none")], timeout: .seconds(20))
        #expect(found.map(\.name).sorted() == [control, limits].sorted())
        let described = Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0) })
        #expect(described[control]?.partitions == 6)
        #expect(described[control]?.replication == 1)
        #expect(described[control]?.configuration["cleanup.policy"] == "compact")
        #expect(described[limits]?.partitions == 24)
        #expect(described[limits]?.configuration["message.timestamp.type"] == "LogAppendTime")
        #expect(described[limits]?.configuration["retention.ms"] == "3600000")
        await admin.close()
    }

    @Test("the cluster reports its id and its brokers")
    func cluster() async throws {
        let kafka = try await RealKafka.running()
        let admin = try Admin(kafka.properties)
        let written = try String(contentsOf: kafka.folder.appending(path: "cluster.id"), encoding: .utf8)
        #expect(
            try await admin.clusterID(timeout: .seconds(10)) == written.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(try await admin.brokerCount(timeout: .seconds(10)) == 1)
        await admin.close()
    }

    @Test("single records are read back by their offset, with headers and the broker's time")
    func lookup() async throws {
        let kafka = try await RealKafka.running()
        let topic = try await kafka.topic(
            "lookup", partitions: 3, configuration: ["message.timestamp.type": "LogAppendTime"])
        let producer = try Producer(kafka.properties)
        for partition in 0..<Int32(3) {
            let records = (0..<20).map {
                OutgoingRecord(
                    topic: topic, partition: partition, key: [UInt8(partition)], value: [UInt8($0)],
                    headers: [RecordHeader("ce_id", Array("\($0)".utf8))])
            }
            for answer in try await producer.sendAll(records) { _ = try answer.get() }
        }
        let admin = try Admin(kafka.properties)
        let place = TopicPartition(topic: topic, partition: 2)
        #expect(try await admin.offsets(of: place, timeout: .seconds(10)) == 0..<20)
        for offset in [Int64(7), 0, 19, 7] {
            let record = try #require(try await admin.record(at: offset, of: place, timeout: .seconds(10)))
            #expect(record.value == [UInt8(offset)])
            #expect(record.headers == [RecordHeader("ce_id", Array("\(offset)".utf8))])
            #expect(record.isTimestampFromBroker)
        }
        #expect(try await admin.record(at: 20, of: place, timeout: .seconds(10)) == nil)
        await admin.close()
        await producer.close(timeout: .seconds(5))
    }

    @Test("a cluster without an authorizer shows no rights, and grants none")
    func withoutAuthorizer() async throws {
        let admin = try Admin(try await RealKafka.running().properties)
        #expect(try await admin.granted(to: "User:shop", timeout: .seconds(10)) == GrantedRights())
        let right = AccessRight(.read, .topic("orders"))
        let error = await #expect(throws: KafkaError.self) {
            try await admin.grant([right], to: "User:shop", timeout: .seconds(10))
        }
        #expect(error?.message.hasPrefix("Read on topic orders was not granted to User:shop: ") == true)
        await admin.close()
    }

    @Test("without a broker every question ends in its time")
    func unreachable() async throws {
        let admin = try Admin(ClientProperties(bootstrapServers: "127.0.0.1:1"))
        let began = ContinuousClock.now
        let error = await #expect(throws: KafkaError.self) { try await admin.clusterID(timeout: .milliseconds(400)) }
        #expect(error?.isRetriable == true)
        await #expect(throws: KafkaError.self) { try await admin.brokerCount(timeout: .milliseconds(400)) }
        #expect(ContinuousClock.now - began < .seconds(4))
        await admin.close()
    }
}
