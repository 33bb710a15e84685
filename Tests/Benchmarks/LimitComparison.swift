import Foundation
import Kafka
import Limiter
import RateLimit
import Support
import Telemetry

/// `limit-redis`: our rate limit beside what people use, under one load generator.
///
/// 64 requests under way in all cases. Ours: the limiter as an ingest process has it, and a real Kafka of one broker.
/// Theirs: Lua scripts in Debian's Redis, pipelined on one connection, or on 64 with one command under way on each.
struct LimitComparison {
    static let usage =
        "[--rounds N] [--seconds S] [--once TOKENS] [--only ours] [warm] [hammered] [once] [zipf] [attack]"

    private let kafka: RealKafka
    private let redis = BenchmarkRedis()
    private let pipelined: RedisClient
    private let single: RedisClient
    private let limiter: Limiter
    private let admin: Admin
    private var rounds = 3
    private var seconds = 6.0
    private var isOnlyOurs = false
    private var onceTokens = 1_000_000

    private init() async throws {
        kafka = try RealKafka(brokers: 1)
        pipelined = RedisClient(port: redis.port, connections: 1)
        single = RedisClient(port: redis.port, connections: 64)
        let properties = ClientProperties(bootstrapServers: kafka.bootstrapServers)
        admin = try Admin(properties)
        _ = try await admin.create(
            [
                TopicSpecification(
                    name: "ratelimit", partitions: 24, configuration: ["message.timestamp.type": "LogAppendTime"]),
                TopicSpecification(name: "control", partitions: 1, configuration: [:]),
            ], timeout: .seconds(10))
        limiter = Limiter(LimiterSettings(properties), metrics: Metrics(), log: Log(process: "bench", level: .error))
        try await limiter.start()
    }

    static func run(_ words: [String]) async throws {
        var comparison = try await LimitComparison()
        var wanted: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--rounds": comparison.rounds = rest.popFirst().flatMap { Int($0) } ?? 3
            case "--seconds": comparison.seconds = rest.popFirst().flatMap { Double($0) } ?? 6
            case "--once": comparison.onceTokens = rest.popFirst().flatMap { Int($0) } ?? 1_000_000
            case "--only": comparison.isOnlyOurs = rest.popFirst() == "ours"
            default: wanted.append(word)
            }
        }
        for workload in wanted.isEmpty ? ["warm", "hammered", "zipf", "attack", "once"] : wanted {
            try await comparison.compare(workload)
            fflush(nil)
        }
        await comparison.limiter.stop(by: .now + .seconds(2))
        comparison.pipelined.close()
        comparison.single.close()
        await comparison.admin.close()
    }

    private func compare(_ workload: String) async throws {
        let duration = Duration.seconds(seconds)
        switch workload {
        case "warm":
            let load = LimitLoad(tokens: .uniform(1_000), duration: duration)
            try await turns("warm: 1,000 tokens, limit 1,000,000 each", load, limit: 1_000_000, tokens: 1_000)
        case "hammered":
            var load = LimitLoad(tokens: .one(0), warmUp: .zero, duration: .seconds(75))
            load.keepsAdmissions = true
            try await turns("one token hammered for 75 s, limit 300", load, limit: 300, tokens: 1, rounds: 1)
        case "zipf":
            let load = LimitLoad(tokens: LimitLoad.zipf(100_000), duration: duration)
            try await turns("Zipf 0.99 over 100,000 tokens, limit 300 each", load, limit: 300, tokens: 100_000)
        case "once":
            let load = LimitLoad(tokens: .once(onceTokens))
            try await turns(
                "\(onceTokens) tokens once each, limit 300 each", load, limit: 300, tokens: onceTokens, rounds: 1)
        case "attack": await attack()
        default: fatalError("unknown workload \(workload): \(Self.usage)")
        }
    }

    // MARK: In turns

    private func turns(
        _ title: String, _ load: LimitLoad, limit: Int, tokens: Int, rounds: Int? = nil
    ) async throws {
        var series: [LimitSeries] = []
        for _ in 0..<(rounds ?? self.rounds) {
            var round: [LimitSeries.Round] = [try await ours(load, limit: limit, tokens: tokens)]
            for limits in isOnlyOurs ? [] : [RedisLimits.slidingLog, .gcra] {
                for (client, how) in [(pipelined, "pipelined"), (single, "one by one")] {
                    round.append(await theirs(load, limits, client, how, limit: limit))
                }
            }
            for one in round {
                if let place = series.firstIndex(where: { $0.name == one.name }) {
                    series[place].rounds.append(one)
                } else {
                    series.append(LimitSeries(name: one.name, rounds: [one]))
                }
            }
        }
        print("\(title); 64 requests under way:")
        for one in series { print("  " + one.line(limit: limit, beside: series[0])) }
    }

    private func ours(_ load: LimitLoad, limit: Int, tokens: Int) async throws -> LimitSeries.Round {
        let decider = OurLimits(limiter, limit: limit, tokens: tokens)
        let broker =
            Int32(
                (try? String(contentsOfFile: "\(kafka.folder.path)/node-1/pid", encoding: .utf8))?
                    .trimmingCharacters(in: .whitespacesAndNewlines) ?? "") ?? 0
        let recordsBefore = try await records()
        let usage = LimitSeries.Usage(server: broker)
        let report = await load.run(decider)
        return LimitSeries.Round(
            name: "ours", report: report, usage: .init(server: broker, since: usage),
            records: try await records() - recordsBefore, memory: nil)
    }

    private func theirs(
        _ load: LimitLoad, _ limits: RedisLimits, _ client: RedisClient, _ how: String, limit: Int
    ) async -> LimitSeries.Round {
        _ = await pipelined.call("FLUSHALL")
        let decider = await RedisDecider(client, limits, limit: limit)
        let memory = await redis.memory(pipelined)
        let usage = LimitSeries.Usage(server: redis.processID)
        let report = await load.run(decider)
        return LimitSeries.Round(
            name: "\(limits.rawValue), \(how)", report: report, usage: .init(server: redis.processID, since: usage),
            records: nil, memory: await redis.memory(pipelined) - memory)
    }

    /// How many records topic `ratelimit` has had.
    private func records() async throws -> Int {
        var records = 0
        for partition in 0..<Int32(24) {
            let source = TopicPartition(topic: LimiterSettings.topic, partition: partition)
            records += Int(try await admin.offsets(of: source, timeout: .seconds(10)).upperBound)
        }
        return records
    }

    // MARK: At the window's edge

    /// One token each, hammered from a second before a full minute: whoever counts by minutes, or lets a burst be followed
    /// by the steady rate, gives twice the limit within a minute.
    private func attack() async {
        var load = LimitLoad(lanes: 8, tokens: .one(0), warmUp: .zero, duration: .seconds(63), pause: .milliseconds(4))
        load.keepsAdmissions = true
        _ = await pipelined.call("FLUSHALL")
        let ours = OurLimits(limiter, limit: 300, tokens: 1)
        var theirs: [(String, RedisDecider)] = []
        for limits in RedisLimits.allCases {
            theirs.append((limits.rawValue, await RedisDecider(pipelined, limits, limit: 300)))
        }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let wait = 59_000 - (time.tv_sec % 60 * 1_000 + time.tv_nsec / 1_000_000)
        try? await Task.sleep(for: .milliseconds(wait > 0 ? wait : wait + 60_000))
        print("attack at the window's edge: one token each, limit 300, 8 callers, from 1 s before a full minute, 63 s:")
        await withTaskGroup(of: (String, LimitLoadReport).self) { group in
            group.addTask { [load] in ("ours", await load.run(ours)) }
            for (index, one) in theirs.enumerated() {
                // Apart by their keys: each asks for a token of its own.
                var load = load
                load.tokens = .one(index + 1)
                group.addTask { [load] in (one.0, await load.run(one.1)) }
            }
            for await (name, report) in group {
                print(
                    "  \(name): worst window \(report.worstWindow) of 300, \(max(0, report.worstWindow - 300)) too many; "
                        + "\(report.granted) admitted, \(report.refused) refused, \(report.unavailable) unavailable")
            }
        }
    }
}
