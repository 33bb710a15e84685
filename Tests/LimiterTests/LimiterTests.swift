import Kafka
import RateLimit
import Telemetry
import Testing

@testable import Limiter

@Suite("The limiter on the embedded broker", .timeLimit(.minutes(1)))
struct LimiterTests {
    private static let terms = LimitTerms(
        id: LimitID(hexadecimal: "000102030405060708090a0b0c0d0e0f")!,
        configured: VersionedLimit(limit: 10, version: 1))

    private func broker(partitions: Int32 = 3) throws -> EmbeddedBroker {
        let broker = try EmbeddedBroker()
        try broker.create(topic: "ratelimit", partitions: partitions)
        try broker.create(topic: "control", partitions: 1)
        return broker
    }

    private func limiter(on broker: EmbeddedBroker) async throws -> Limiter {
        let settings = LimiterSettings(broker.properties, acceptsProducerTime: true)
        let limiter = Limiter(settings, metrics: Metrics(), log: Log(process: "test", write: { _ in }))
        try await limiter.start()
        return limiter
    }

    private func stop(_ limiters: Limiter..., broker: EmbeddedBroker) async {
        for limiter in limiters { await limiter.stop(by: .now + .seconds(2)) }
        broker.stop()
    }

    @Test("ten of a limit of ten are granted, the eleventh gets the time to try again")
    func limit() async throws {
        let broker = try broker()
        let limiter = try await limiter(on: broker)
        #expect(limiter.notReady == nil)
        for left in (0..<10).reversed() {
            let answer = await limiter.permit(of: Self.terms)
            #expect(answer.verdict == .granted)
            #expect(answer.fields.limit == 10)
            #expect(answer.fields.remaining <= left)
        }
        let answer = await limiter.permit(of: Self.terms)
        #expect(answer.verdict.isRefused)
        let fields = answer.fields
        #expect(fields.remaining == 0)
        #expect((55...62).contains(try #require(fields.retryAfterSeconds)))
        #expect((55...62).contains(fields.resetSeconds))
        await stop(limiter, broker: broker)
    }

    @Test("two processes grant ten of a limit of ten, however they are asked")
    func together() async throws {
        let broker = try broker()
        let one = try await limiter(on: broker)
        let other = try await limiter(on: broker)
        let verdicts = await withTaskGroup(of: PermitDecision.self) { group in
            for index in 0..<200 {
                group.addTask {
                    await (index % 2 == 0 ? one : other).permit(of: Self.terms).verdict
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(verdicts.count { $0 == .granted } == 10)
        #expect(verdicts.count { $0.isRefused } == 190)
        await stop(one, other, broker: broker)
    }

    @Test("a process that starts later knows what others have granted")
    func late() async throws {
        let broker = try broker()
        let one = try await limiter(on: broker)
        for _ in 0..<10 { _ = await one.permit(of: Self.terms) }
        await one.stop(by: .now + .seconds(1))
        let other = try await limiter(on: broker)
        #expect(await other.permit(of: Self.terms).verdict.isRefused)
        let usage = try #require(other.usage(of: Self.terms))
        #expect(usage.spentBy.reduce(0) { $0 + $1.permits } == 10)
        #expect(usage.refusalsSecondsAgo.count == 1)
        await stop(other, broker: broker)
    }

    @Test("a batch gets all its permits or none, and never more than the limit has")
    func batch() async throws {
        let broker = try broker()
        let limiter = try await limiter(on: broker)
        func verdict(_ count: Int) async -> PermitDecision {
            await limiter.permit(of: Self.terms, count: count).verdict
        }
        #expect(await verdict(11) == .tooMany(limit: 10))
        #expect(await verdict(7) == .granted)
        #expect(await verdict(4).isRefused)
        #expect(await verdict(3) == .granted)
        await stop(limiter, broker: broker)
    }

    @Test("the permit of a caller who goes away goes to others, and the caller gets an answer")
    func cancelled() async throws {
        let broker = try broker()
        let limiter = try await limiter(on: broker)
        let gone = Task { await limiter.permit(of: Self.terms).verdict }
        gone.cancel()
        let verdict = await gone.value
        #expect(verdict == .granted || verdict == .unavailable(.late))
        await stop(limiter, broker: broker)
    }

    @Test("a restricted limit is refused without a claim, until the restriction's end")
    func restricted() async throws {
        let broker = try broker()
        let until = wallClockMilliseconds() + 30_000
        let limiter = try await limiter(on: broker)
        var terms = Self.terms
        terms.restriction = Restriction(level: 1, until: until)
        let answer = await limiter.permit(of: terms)
        #expect(answer.verdict == .restricted(until: until))
        #expect((28...30).contains(answer.fields.retryAfterSeconds ?? 0))
        #expect(limiter.usage(of: terms)?.restrictedUntil == until)
        await stop(limiter, broker: broker)
    }

    @Test("a topic that its producers stamp is refused, with the remedy")
    func producerTime() async throws {
        let broker = try broker()
        let settings = LimiterSettings(broker.properties)
        let limiter = Limiter(settings, metrics: Metrics(), log: Log(process: "test", write: { _ in }))
        let start = Task { try await limiter.start() }
        while limiter.notReady?.contains("LogAppendTime") != true { await Task.yield() }
        #expect(limiter.notReady?.contains("orderrelay topics create") == true)
        #expect(await limiter.permit(of: Self.terms).verdict == .unavailable(.starting))
        await stop(limiter, broker: broker)
        _ = try await start.value
    }

    @Test("reading begins at the last record that is old enough, else at the log's beginning")
    func plan() {
        let plan = StartPlan([0: 0..<100, 1: 50..<100, 2: 7..<7, 3: 5..<9, 4: 0..<0], from: [0: 40, 1: 10, 3: -1])
        #expect(plan.starts[0] == .init(offset: 40, isWhole: false))
        #expect(plan.starts[1] == .init(offset: 50, isWhole: false))
        #expect(plan.starts[2] == .init(offset: 7, isWhole: true))
        #expect(plan.starts[3] == .init(offset: 5, isWhole: false))
        #expect(plan.starts[4] == .init(offset: 0, isWhole: true))
    }
}

extension PermitDecision {
    fileprivate var isRefused: Bool { if case .refused = self { true } else { false } }
}
