import Kafka
import Synchronization

/// Records per second through the Kafka module, beside the C library's own calls, in turns, on a real Kafka.
enum KafkaModuleBenchmark {
    static let partitions: Int32 = 12
    static let window = 50_000
    static let batch = 500
    static let waiters = 2_000
    static let lingerMilliseconds = 5

    static func run(_ words: [String]) async throws {
        guard let brokers = words.first else { throw KafkaBare.Failure(description: "which bootstrap.servers?") }
        let count = words.count > 1 ? Int(words[1]) ?? 200_000 : 200_000
        let rounds = words.count > 2 ? Int(words[2]) ?? 5 : 5
        let headers = words.count > 3 ? Int(words[3]) ?? 0 : 0
        let value = (0..<1000).map { UInt8($0 % 251) }
        let properties = ClientProperties(bootstrapServers: brokers)
        let topics = Topics(brokers: brokers, admin: try Admin(properties))

        var figures: [(name: String, bare: [Double], ours: [Double])] = [
            ("produce, gathered", [], []), ("produce, each awaited", [], []), ("consume, topic reader", [], []),
            ("consume, group member", [], []),
        ]
        for round in 1...rounds {
            let bareTopic = try await topics.make()
            let bare = try KafkaBare.produce(
                brokers, bareTopic, count: count, window: window, linger: lingerMilliseconds, value: value,
                headers: headers)
            let ourTopic = try await topics.make()
            let gathered = try await gathered(properties, ourTopic, count, value, headers)
            let awaited = try await awaited(properties, try await topics.make(), count, value, headers)
            let bareRead = try KafkaBare.consume(brokers, ourTopic, partitions: partitions, count: count)
            let reader = try await readTopic(properties, ourTopic, count)
            let bareReadAgain = try KafkaBare.consume(brokers, ourTopic, partitions: partitions, count: count)
            let member = try await readGroup(properties, ourTopic, count)
            for (index, pair) in [(bare, gathered), (bare, awaited), (bareRead, reader), (bareReadAgain, member)]
                .enumerated()
            {
                figures[index].bare.append(Double(count) / pair.0)
                figures[index].ours.append(Double(count) / pair.1)
            }
            print(
                "round \(round): "
                    + figures.map { "\($0.name) \(Int($0.bare.last!)) \(Int($0.ours.last!))" }.joined(separator: "; "))
        }
        print(
            "\n\(count) records of 1,000 bytes, \(headers) headers; medians, records/s, ours by the library's own in the same round"
        )
        for figure in figures {
            let ratios = zip(figure.ours, figure.bare).map { $0 / $1 }
            print(
                "\(figure.name): \(Int(median(figure.bare))) bare, \(Int(median(figure.ours))) ours, "
                    + "ratio \(hundredths(median(ratios))) [\(hundredths(ratios.min()!))–\(hundredths(ratios.max()!))]")
        }
        await topics.admin.close()
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    private static func hundredths(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    private struct Topics {
        let brokers: String
        let admin: Admin

        func make() async throws -> String {
            let name = "bench-\(UInt64.random(in: 0...UInt64.max))"
            let topic = TopicSpecification(name: name, partitions: partitions, configuration: [:])
            _ = try await admin.create([topic], timeout: .seconds(20))
            return name
        }
    }

    private static func record(_ topic: String, _ number: Int, _ value: [UInt8], _ headers: Int) -> OutgoingRecord {
        let key = withUnsafeBytes(of: number % 5000) { Array($0) }
        let list = (0..<headers).map { _ in RecordHeader("ce_type", Array("orderrelay.order.created".utf8)) }
        return OutgoingRecord(topic: topic, key: key, value: value, headers: list)
    }

    /// Many records handed over together, the answers gathered; as many unacknowledged as the bare program has.
    private static func gathered(
        _ properties: ClientProperties, _ topic: String, _ count: Int, _ value: [UInt8], _ headers: Int
    ) async throws -> Double {
        let producer = try Producer(properties, lingerMilliseconds: lingerMilliseconds)
        try await producer.warmUp(topics: [topic], timeout: .seconds(5))
        let next = Ticket()
        let began = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<(window / batch) {
                group.addTask {
                    while true {
                        let start = next.take(batch)
                        guard start < count else { return }
                        let records = (start..<min(start + batch, count)).map { record(topic, $0, value, headers) }
                        for answer in try await producer.sendAll(records, timeout: .seconds(30)) {
                            _ = try answer.get()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        await producer.close(timeout: .seconds(5))
        return seconds
    }

    /// One awaited acknowledgement a record, in many tasks.
    private static func awaited(
        _ properties: ClientProperties, _ topic: String, _ count: Int, _ value: [UInt8], _ headers: Int
    ) async throws -> Double {
        let producer = try Producer(properties, lingerMilliseconds: lingerMilliseconds)
        try await producer.warmUp(topics: [topic], timeout: .seconds(5))
        let next = Ticket()
        let began = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<waiters {
                group.addTask {
                    while true {
                        let number = next.take(1)
                        guard number < count else { return }
                        _ = try await producer.send(record(topic, number, value, headers), timeout: .seconds(30))
                    }
                }
            }
            try await group.waitForAll()
        }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        await producer.close(timeout: .seconds(5))
        return seconds
    }

    private static func readTopic(_ properties: ClientProperties, _ topic: String, _ count: Int) async throws -> Double
    {
        let reader = try await TopicReader(properties, topic: topic)
        var read = 0
        var sum = 0
        var began: ContinuousClock.Instant?
        while read < count, let records = try await reader.next(maximum: 1000) {
            if began == nil, !records.isEmpty { began = .now }
            sum &+= look(records)
            read += records.count
        }
        let seconds = (ContinuousClock.now - began!) / .seconds(1)
        await reader.close(timeout: .seconds(5))
        return sum == -1 ? 0 : seconds
    }

    private static func readGroup(_ properties: ClientProperties, _ topic: String, _ count: Int) async throws -> Double
    {
        let owner = BenchmarkOwner(count)
        let consumer = try Consumer(properties, group: topic, topics: [topic], owner: owner)
        let seconds = await owner.finished()
        await consumer.close(timeout: .seconds(5))
        return seconds
    }

    fileprivate static func look(_ records: [Record]) -> Int {
        var sum = 0
        for record in records {
            if let value = record.value { sum &+= Int(value[0]) &+ Int(value[value.count - 1]) }
            sum &+= record.headers.count
        }
        return sum
    }
}

/// Numbers handed out once.
private final class Ticket: Sendable {
    private let next = Atomic(0)
    func take(_ count: Int) -> Int { next.add(count, ordering: .relaxed).oldValue }
}

/// Reads every partition from its beginning, and returns the seconds from the first record to the last.
private final class BenchmarkOwner: PartitionOwner {
    private struct State {
        var left: Int
        var began: ContinuousClock.Instant?
        var sum = 0
        var waiter: CheckedContinuation<Double, Never>?
    }
    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(left: count)) }

    func start(of partition: TopicPartition) async throws -> StartOffset { .beginning }

    func consume(_ stream: PartitionStream) async throws {
        while let records = try await stream.next(maximum: 1000) {
            let sum = KafkaModuleBenchmark.look(records)
            let finished: (CheckedContinuation<Double, Never>, Double)? = state.withLock { state in
                if state.began == nil { state.began = .now }
                state.sum &+= sum
                state.left -= records.count
                guard state.left <= 0, let waiter = state.waiter.take() else { return nil }
                return (waiter, (ContinuousClock.now - state.began!) / .seconds(1))
            }
            if let (waiter, seconds) = finished { waiter.resume(returning: seconds) }
        }
    }

    func partitionStopped(_ partition: TopicPartition, error: any Error) async {
        print("stopped: \(partition) \(error)")
    }

    func finished() async -> Double {
        await withCheckedContinuation { continuation in state.withLock { $0.waiter = continuation } }
    }
}
