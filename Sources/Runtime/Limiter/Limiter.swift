import Kafka
public import Lifecycle
public import RateLimit
import Synchronization
public import Telemetry

/// The rate limit on Kafka: 300 requests in any 60 s for a limit, over all processes together.
///
/// It moves bytes and reads clocks; what is granted is decided by the claimants (`RateLimit`), one for each partition of
/// topic `ratelimit`, and between processes by the order of the log.
public final class Limiter: Service {
    enum Phase {
        case notStarted
        case waiting(String)
        case reading(Session)
        case stopped
    }

    struct State {
        var phase = Phase.notStarted
        var run: Task<Void, Never>?
        var producer: ClaimProducer?
    }

    public let name = "ratelimit"
    let settings: LimiterSettings
    let log: Log
    private let metrics: LimiterMetrics
    let state = Mutex(State())
    private let ready = Latch()
    private let waiting: Waiting

    public init(_ settings: LimiterSettings, metrics: Metrics, log: Log) {
        self.settings = settings
        self.log = log
        waiting = Waiting(for: "topic ratelimit", log: log)
        self.metrics = LimiterMetrics(metrics)
        self.metrics.observe { [weak self] in self?.session?.drivers ?? [] }
    }

    // MARK: Permits

    /// Asks for `count` permits of a limit, all or none: answered from a lease in less than a microsecond, by the
    /// partition in a few milliseconds, and within 5 s in any case.
    ///
    /// - Parameter limitID: 32 hexadecimal digits.
    public func permit(limitID: String, configured: ConfiguredLimit, count: Int = 1) async -> LimitAnswer {
        guard let session, let id = LimitID(hexadecimal: limitID) else {
            return LimitAnswer(.unavailable(.starting))
        }
        let driver = session.driver(of: id)
        if let restriction = restriction(limitID) {
            return restricted(restriction, driver.fields(of: id, configured))
        }
        switch driver.want(id, configured, permits: count) {
        case .now(let answer): return answer
        case .later(let ticket):
            let start = OwnTime.now()
            let answer = await driver.answer(to: ticket, of: id)
            metrics.waited(since: start)
            return answer
        }
    }

    /// How a limit is used; nil while the topic is not read. Costs no permit.
    public func usage(limitID: String, configured: ConfiguredLimit) -> LimitUsage? {
        guard let session, let id = LimitID(hexadecimal: limitID) else { return nil }
        let restriction = restriction(limitID)
        return session.driver(of: id).look { claimant, now in
            LimitUsage(
                fields: RateLimitFields(
                    claimant.standing(of: id, configured: configured, now: now), now: now),
                spentBy: claimant.replica.recentGrants(of: id),
                refusalsSecondsAgo: claimant.latestRefusals(of: id).map { $0.secondsRoundedUp(until: now) },
                restrictedUntil: restriction?.until)
        }
    }

    /// This process, as the log knows it since its topic was read last.
    public var process: ProcessID? { session?.drivers.first?.look { claimant, _ in claimant.process } }

    var session: Session? {
        state.withLock { state in
            if case .reading(let session) = state.phase { session } else { nil }
        }
    }

    private func restriction(_ limitID: String) -> Restriction? {
        guard let restriction = settings.restriction(limitID) else { return nil }
        return restriction.holds(at: wallClockMilliseconds()) ? restriction : nil
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
        case .notStarted: return "not started"
        case .stopped: return "stopped"
        case .waiting(let why): return why
        case .reading(let session):
            let behind = session.partitionsBehind
            return behind == 0 ? nil : "reads topic ratelimit: \(behind) of \(session.drivers.count) partitions to go"
        }
    }

    /// Returns once this process's own probe has been read back in every partition.
    public func start() async throws {
        let run = Task { await self.run() }
        state.withLock { $0.run = run }
        await ready.wait()
    }

    /// Nothing is handed over: what was leased stays charged until it runs out.
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

    /// Reads for ever; where reading breaks, all is dropped and begun anew.
    private func run() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                let producer = try makeProducer()
                let plan = try await StartPlan.make(settings)
                let session = Session(settings, plan, outside: outside(producer)) { [ready] in ready.open() }
                guard begin(session) else { return }
                waiting.ends()
                failures = 0
                try await end(session) { try await session.run() }
            } catch {
                failures += 1
                wait(for: "\(error)")
                try? await Task.sleep(for: RetryPolicy.dependency.delay(afterFailures: failures, random: .system))
            }
        }
    }

    /// Whatever becomes of a session's reading, those who wait in it are answered.
    private func end(_ session: Session, after body: () async throws -> Void) async throws {
        do {
            try await body()
            await session.close()
        } catch {
            await session.close()
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

    private func wait(for why: String) {
        waiting.goesOn(why)
        state.withLock { state in
            if case .stopped = state.phase { return }
            state.phase = .waiting("waits for topic ratelimit: \(why)")
        }
    }
}
