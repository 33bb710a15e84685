public import Kafka
public import Lifecycle
import Primitives
public import RateLimit
import Synchronization
public import Telemetry

/// The rate limit on Kafka: 300 requests in any 60 s for a limit, over all processes together.
///
/// It moves bytes and reads clocks; the claimants (`RateLimit`), one for each partition of topic `ratelimit`, decide
/// what is granted, and between processes the order of the log does.
public final class Limiter: Service {
    enum Phase {
        case waiting
        case reading(Session)
        case stopped
    }

    struct State {
        var phase = Phase.waiting
        var run: Task<Void, Never>?
        var producer: ClaimProducer?
    }

    /// What it needs of Kafka: claims on its own topic, and restrictions on topic `control`.
    public static let rights =
        AccessRight.reading([LimiterSettings.topic])
        + AccessRight.producing(to: LimiterSettings.topic, restrictionsTopic)

    public let name = "ratelimit"
    let settings: LimiterSettings
    let log: Log
    private let metrics: LimiterMetrics
    let state = Mutex(State())
    private let ready = Once<Void>()
    private let outage: Outage

    public init(_ settings: LimiterSettings, metrics: Metrics, log: Log) {
        self.settings = settings
        self.log = log
        outage = Outage(of: "topic ratelimit", log: log)
        self.metrics = LimiterMetrics(metrics)
        self.metrics.observe { [weak self] in self?.session?.drivers ?? [] }
    }

    // MARK: Permits

    /// Asks for `count` permits of a limit, all or none: decided from a lease in less than a microsecond, by the
    /// partition in a few milliseconds, and within 5 s in any case.
    public func permit(of terms: LimitTerms, count: Int = 1) async -> LimitAnswer {
        guard let session else { return LimitAnswer(.unavailable(.starting), nil, terms) }
        let driver = session.driver(of: terms.id)
        if let restriction = terms.restriction, restriction.holds(at: wallClockMilliseconds()) {
            return restricted(restriction, driver.fields(of: terms))
        }
        switch driver.want(terms, permits: count) {
        case .now(let answer): return answer
        case .later(let ticket):
            let start = OwnTime.now()
            let answer = await driver.answer(to: ticket, of: terms)
            metrics.waited(since: start)
            return answer
        }
    }

    /// A limit's usage; nil while the topic is not read. Costs no permit.
    public func usage(of terms: LimitTerms) -> LimitUsage? {
        guard let session else { return nil }
        let restriction = terms.restriction.flatMap { $0.holds(at: wallClockMilliseconds()) ? $0 : nil }
        return session.driver(of: terms.id).look { claimant, now in
            LimitUsage(
                fields: RateLimitFields(
                    claimant.standing(of: terms.id, configured: terms.configured, now: now), now: now),
                spentBy: claimant.replica.recentGrants(of: terms.id).map { process, permits in
                    LimitUsage.Spender(process: process, permits: permits, isThisOne: process == claimant.process)
                },
                refusalsSecondsAgo: claimant.latestRefusals(of: terms.id).map { $0.secondsRoundedUp(until: now) },
                restrictedUntil: restriction?.until)
        }
    }

    var session: Session? {
        state.withLock { state in
            if case .reading(let session) = state.phase { session } else { nil }
        }
    }

    private func restricted(_ restriction: Restriction, _ fields: RateLimitFields) -> LimitAnswer {
        var fields = fields
        let left = restriction.until - wallClockMilliseconds()
        fields.retryAfterSeconds = Int(max(1, (left + 999) / 1_000))
        metrics.restricted.add()
        return LimitAnswer(.restricted(until: restriction.until), fields)
    }

    // MARK: Service

    public var notReady: String? {
        switch state.withLock({ $0.phase }) {
        case .stopped: return "stopped"
        case .waiting: return outage.words ?? "not started"
        case .reading(let session):
            let behind = session.partitionsBehind
            return behind == 0 ? nil : "reading topic ratelimit: \(behind) of \(session.drivers.count) partitions to go"
        }
    }

    /// Returns once this process's own probe has been read back in every partition.
    public func start() async throws {
        let run = Task { await self.run() }
        state.withLock { $0.run = run }
        await ready.wait()
    }

    /// Leases are not released: they stay charged until they expire.
    public func stop(by deadline: ContinuousClock.Instant) async {
        let (run, session, producer) = state.withLock { state in
            defer { state.phase = .stopped }
            let session: Session? = if case .reading(let session) = state.phase { session } else { nil }
            return (state.run, session, state.producer)
        }
        run?.cancel()
        await session?.close()
        await producer?.close(timeout: min(.seconds(1), max(.zero, deadline - .now)))
        ready.open()
    }

    /// Reads until it is stopped; if reading fails, everything is dropped and started over.
    private func run() async {
        try? await outage.persistently { serves in
            let producer = try makeProducer()
            let plan = try await StartPlan.make(settings)
            let session = Session(settings, plan, outside: outside(producer)) { [ready] in ready.open() }
            guard begin(session) else { return }
            serves()
            try await end(session) { try await session.run() }
        }
    }

    /// However a session ends, the requests that wait in it are answered.
    private func end(_ session: Session, after body: () async throws -> Void) async throws {
        do {
            try await body()
            await session.close()
        } catch {
            await session.close()
            broke()
            throw error
        }
    }

    private func begin(_ session: Session) -> Bool {
        state.withLock { state in
            if case .stopped = state.phase { return false }
            state.phase = .reading(session)
            return true
        }
    }

    private func broke() {
        state.withLock { state in
            if case .stopped = state.phase { return }
            state.phase = .waiting
        }
    }
}
