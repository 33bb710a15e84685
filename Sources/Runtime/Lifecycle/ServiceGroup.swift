import Primitives
import Synchronization
public import Telemetry

/// The services of one process: started stage by stage, stopped in reverse.
///
/// The services of one stage start, and stop, side by side. While anything is starting, `/readyz` of the admin server
/// (which starts before all others) says what it is waiting for.
public final class ServiceGroup: Sendable {
    private struct State {
        var phases: [Phase]
        /// Everything still serves, but no new clients should be sent here.
        var isDraining = false

        var hasStarted: Bool { phases.allSatisfy { $0 == .started } }
    }

    private let stages: [[any Service]]
    private let log: Log
    private let stopTimeout: Duration
    private let drain: Duration
    private let state: Mutex<State>

    /// What happens first; the others are not awaited: a service that hangs cannot keep the process from ending.
    private enum Ending: Sendable {
        case signal(Int32)
        case failed, stopped, timedOut
    }

    /// What the group has done with a service.
    enum Phase: Sendable { case waiting, starting, started, stopping, stopped }

    /// - Parameters:
    ///   - stages: services in one array start concurrently.
    ///   - admin: started first and stopped last; shows the readiness of all stages; nil for no admin port.
    ///   - drain: how long everything keeps serving after the first signal while `/readyz` says not ready, so that a
    ///     load balancer turns elsewhere before a port is closed.
    ///   - stopTimeout: the time from then to the end, at most.
    public init(
        _ stages: [[any Service]], admin: AdminServer? = nil, log: Log, drain: Duration = .zero,
        stopTimeout: Duration = .seconds(10)
    ) {
        self.stages = (admin.map { [[$0]] } ?? []) + stages
        self.log = log
        self.drain = drain
        self.stopTimeout = stopTimeout
        state = Mutex(State(phases: Array(repeating: .waiting, count: self.stages.joined().count)))
        admin?.show { [weak self] in self?.readiness ?? [] }
    }

    /// Starts everything, waits for a signal, stops everything.
    /// - Returns: how the process should end: ``ExitStatus/done``; ``ExitStatus/failed`` if a service could not start
    ///   or did not stop in time.
    /// - Parameter started: called once all services have started, unless a signal came before.
    public func run(until signals: Signals, started: @escaping @Sendable () -> Void = {}) async -> ExitStatus {
        let race = Once<Ending>()
        let start = Task {
            do {
                try await self.start()
                // A service may return from its start since it is being stopped.
                try Task.checkCancellation()
                started()
            } catch {
                race.give(.failed)
            }
        }
        Task { race.give(.signal(await signals.first())) }
        let winner = await race.value
        start.cancel()
        if case .signal(let signal) = winner {
            log.info("stopping", ["signal": name(of: signal)])
            await leaveBalancer()
        }
        let stopped = await stop()
        if case .failed = winner { return .failed }
        return stopped ? .done : .failed
    }

    /// Says not ready in `/readyz`, and waits until load balancers have noticed. A process that has not started yet has
    /// no clients, and does not wait.
    private func leaveBalancer() async {
        let waits = state.withLock { state in
            state.isDraining = drain > .zero && state.hasStarted
            return state.isDraining
        }
        if waits { try? await Task.sleep(for: drain) }
    }

    /// Starts stage by stage.
    ///
    /// - Throws: the first error of a service, which is logged already.
    public func start() async throws {
        var first = 0
        for stage in stages {
            try Task.checkCancellation()
            let indices = first..<(first + stage.count)
            first += stage.count
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, service) in zip(indices, stage) {
                    group.addTask { try await self.start(service, at: index) }
                }
                try await group.waitForAll()
            }
        }
    }

    private func start(_ service: any Service, at index: Int) async throws {
        let mayStart = state.withLock { state in
            // The group may have been stopped since the stage began.
            guard state.phases[index] == .waiting else { return false }
            state.phases[index] = .starting
            return true
        }
        guard mayStart else { throw CancellationError() }
        do {
            try await service.start()
        } catch {
            if !(error is CancellationError) {
                log.error("a service could not start", ["service": service.name, "reason": String(describing: error)])
            }
            throw error
        }
        state.withLock { state in
            if state.phases[index] == .starting { state.phases[index] = .started }
        }
        log.debug("started", ["service": service.name])
    }

    /// Stops, in reverse, every service whose start was begun; each stage may take half of the remaining time, the last
    /// one all of it.
    /// - Returns: whether all had ended in time.
    @discardableResult
    public func stop() async -> Bool {
        let deadline = ContinuousClock.now + stopTimeout
        let race = Once<Ending>()
        Task {
            await self.stopAll(by: deadline - stopTimeout / 20)
            race.give(.stopped)
        }
        Task {
            try? await Task.sleep(until: deadline, clock: .continuous)
            race.give(.timedOut)
        }
        if case .stopped = await race.value { return true }
        let late = readiness.filter { $0.reason == "stopping" }.map(\.name)
        log.error("some services did not stop in time; ending anyway", ["services": late.joined(separator: ", ")])
        return false
    }

    private func stopAll(by deadline: ContinuousClock.Instant) async {
        var end = stages.joined().count
        for stage in stages.reversed() {
            let first = end - stage.count
            await withTaskGroup(of: Void.self) { group in
                for (index, service) in zip(first..., stage) {
                    let wasStarted = state.withLock { state in
                        let phase = state.phases[index]
                        state.phases[index] = phase == .waiting ? .stopped : .stopping
                        return phase == .started || phase == .starting
                    }
                    guard wasStarted else { continue }
                    group.addTask {
                        await service.stop(by: deadline)
                        self.state.withLock { $0.phases[index] = .stopped }
                        self.log.debug("stopped", ["service": service.name])
                    }
                }
            }
            end = first
        }
    }

    /// Every service, and why it does not serve now; nil if it does.
    public var readiness: [(name: String, reason: String?)] {
        let (phases, isDraining) = state.withLock { ($0.phases, $0.isDraining) }
        return zip(stages.joined(), phases).map { service, phase in
            switch phase {
            case .waiting: (service.name, "waiting for earlier services")
            case .starting: (service.name, service.notReady ?? "starting")
            case .started: (service.name, isDraining ? "draining" : service.notReady)
            case .stopping: (service.name, "stopping")
            case .stopped: (service.name, "stopped")
            }
        }
    }
}
