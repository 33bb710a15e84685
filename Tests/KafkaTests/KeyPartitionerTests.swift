import Testing

@testable import Kafka

@Suite("Partitions of keys") struct KeyPartitionerTests {
    /// `testMurmur2` in clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, and `unittest_murmur2` in
    /// src/rdmurmur2.c of librdkafka, which has its values from Kafka.
    private static let published: [(key: String, hash: UInt32)] = [
        ("21", UInt32(bitPattern: -973_932_308)), ("foobar", UInt32(bitPattern: -790_332_482)),
        ("a-little-bit-long-string", UInt32(bitPattern: -985_981_536)),
        ("a-little-bit-longer-string", UInt32(bitPattern: -1_486_304_829)),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", UInt32(bitPattern: -58_897_971)), ("abc", 479_470_107),
        ("kafka", 0xd067_cf64), ("giberish123456789", 0x8f55_2b0c), ("1234", 0x9fc9_7b14), ("234", 0xe7c0_09ca),
        ("34", 0x8739_30da), ("4", 0x5a4b_5ca1), ("PreAmbleWillBeRemoved,ThePrePartThatIs", 0x7842_4f1c),
        ("", 0x106e_08d9),
    ]

    @Test("the hash has the values that Kafka's and librdkafka's own tests have", arguments: published)
    func hash(key: String, hash: UInt32) { #expect(KeyPartitioner.murmur2(Array(key.utf8)) == hash) }

    @Test("a hash beyond the positive numbers loses its sign, as in Kafka, not its remainder")
    func sign() {
        #expect(KeyPartitioner.partition(ofKey: Array("21".utf8), among: 12) == (-973_932_308 & 0x7fff_ffff) % 12)
        #expect(KeyPartitioner.partition(ofKey: Array("abc".utf8), among: 12) == 479_470_107 % 12)
    }

    @Test("a key goes where the library puts it, whatever its bytes and however many partitions there are")
    func library() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.stop() }
        var random = SystemRandomNumberGenerator()
        let producer = try Producer(broker.properties)
        for count: Int32 in [1, 3, 12] {
            let topic = "of-\(count)"
            try broker.create(topic: topic, partitions: count)
            let keys = (0..<200).map { length in
                // The library treats an empty key as no key.
                (0...length % 40).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            #expect(producer.partition(ofKey: keys[0], in: topic) == nil, "nobody has asked for the topic yet")
            try await producer.warmUp(topics: [topic], timeout: .seconds(10))
            let answers = try await producer.sendAll(
                keys.map { OutgoingRecord(topic: topic, key: $0, value: [1]) }, timeout: .seconds(10))
            for (key, answer) in zip(keys, answers) {
                #expect(try answer.get().partition == producer.partition(ofKey: key, in: topic), "\(key)")
            }
        }
        await producer.close(timeout: .seconds(2))
    }

    @Test("with another partitioner nothing is said of where a key goes", arguments: ["fnv1a", "consistent_random"])
    func otherPartitioner(name: String) async throws {
        let broker = try EmbeddedBroker()
        defer { broker.stop() }
        try broker.create(topic: "orders", partitions: 12)
        var properties = broker.properties
        properties.values["partitioner"] = name
        let producer = try Producer(properties)
        try await producer.warmUp(topics: ["orders"], timeout: .seconds(10))
        #expect(producer.partition(ofKey: [1], in: "orders") == nil)
        await producer.close(timeout: .seconds(2))
    }
}
