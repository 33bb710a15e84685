import Foundation
import HTTP
import Support
import Testing

/// A broker that comes back without the end of its log, as after a disk that lied about what it had written: the
/// idempotent producer's numbers do not go on there, and the library gives that producer up for good.
@Suite("A producer turned fatal", .enabled(if: RealKafka.isHere), .serialized)
struct FatalProducerTests {
    @Test("what it held is answered 503, and ingest goes on with a fresh one", .timeLimit(.minutes(3)))
    func fatal() async throws {
        let relay = Relay(on: try await RealKafka.ownCluster())
        _ = try await relay.told("topics", "create")
        let token = try await relay.token()
        let ingest = try relay.start("ingest")
        try await relay.waitUntilReady(ingest)
        for number in 0..<60 {
            let answer = try await ingest.send(.post, "/orders", token: token, Cluster.order(number))
            #expect(answer.status == 201)
        }
        try await relay.kafka.ask("kill", "1")
        #expect(try relay.kafka.cutLogs(of: "orders") > 6)
        try await relay.kafka.ask("restart", "1")

        var refused = 0
        for number in 100..<160 {
            var answer = try await ingest.send(.post, "/orders", token: token, Cluster.order(number))
            while answer.status == 503 {
                refused += 1
                #expect(answer.fields["Retry-After"] != nil)
                try #require(refused < 200, "no order is taken any more:\n\(ingest.program.errors.suffix(4000))")
                try await Task.sleep(for: .milliseconds(100))
                answer = try await ingest.send(.post, "/orders", token: token, Cluster.order(number))
            }
            #expect(answer.status == 201)
        }
        #expect(refused > 0)
        let said = ingest.lines(with: "a Kafka producer failed for good and is replaced")
        #expect(said.count == 1, "\(ingest.program.errors.suffix(4000))")
        try await relay.stop(ingest)
        try await relay.kafka.ask("wipe")
    }
}

extension RealKafka {
    /// Takes the last batch of records off each partition of a topic, and all that the broker has noted beside the log.
    /// The broker must have been killed. How many partitions were cut.
    func cutLogs(of topic: String) throws -> Int {
        let data = folder.appending(path: "node-1/data")
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: data.path)
        where name.hasPrefix("\(topic)-") {
            let partition = data.appending(path: name)
            for file in try FileManager.default.contentsOfDirectory(atPath: partition.path)
            where ["snapshot", "index", "timeindex"].contains((file as NSString).pathExtension) {
                try FileManager.default.removeItem(at: partition.appending(path: file))
            }
            let log = partition.appending(path: "00000000000000000000.log")
            let bytes = try Data(contentsOf: log)
            // A batch: its first offset in 8 bytes, then in 4 the length of what follows.
            var (start, next) = (0, 0)
            while next + 12 <= bytes.count {
                let length = bytes[next + 8..<next + 12].reduce(0) { $0 << 8 | Int($1) }
                guard length > 0 else { break }
                (start, next) = (next, next + 12 + length)
            }
            guard next > 0 else { continue }
            try bytes.prefix(start).write(to: log)
            count += 1
        }
        return count
    }
}
