import Synchronization
public import Telemetry

/// The services of one process: started stage by stage, stopped in reverse.
///
/// The services of one stage start, and stop, side by side. While anything is starting, `/readyz` of the admin server
/// (which starts before all others) says for what it waits.
public final class ServiceGroup: Sendable {
    private struct State {
        var stages: [[any Service]]
        var phases: [Phase]
        /// Makes the further stages; nil: there are none, or they are made.
        var more: (@Sendable () throws -> [[any Service]])?
    }

    private let log: Log
    private let stopTimeout: Duration
    private let state: Mutex<State>

    /// What the group has done with a service.
    enum Phase: Sendable { case waiting, starting, started, stopping, stopped }

    /// - Parameters:
    ///   - stages: what starts side by side stands in one array.
    ///   - more: makes further stages once those are started: out of what they have opened.
    ///   - admin: started first and stopped last; shows the readiness of all stages.
    ///   - stopTimeout: from the first signal to the end at the latest.
    public init(
        _ stages: [[any Service]], then more: (@Sendable () throws -> [[any Service]])? = nil,
        admin: AdminServer? = nil, log: Log, stopTimeout: Duration = .seconds(10)
    ) {
        let stages = (admin.map { [[$0]] } ?? []) + stages
        self.log = log
        self.stopTimeout = stopTimeout
        state = Mutex(
            State(stages: stages, phases: Array(repeating: .waiting, count: stages.joined().count), more: more))
        admin?.show { [weak self] in self?.readiness ?? [] }
    }

    /// Starts everything, waits for a signal, stops everything.
    /// - Returns: how the process should end: ``ExitStatus/done``; ``ExitStatus/failed`` where a service could not
    ///   start or did not stop in time.
    /// - Parameter started: called once all services have started.
    public func run(until signals: Signals, started: @escaping @Sendable () -> Void = {}) async -> ExitStatus {
        let race = Race()
        let start = Task {
            do {
                try await self.start()
                started()
            } catch {
                race.won(by: .failed)
            }
        }
        Task { race.won(by: .signal(await signals.first())) }
        let winner = await race.winner()
        start.cancel()
        if case .signal(let signal) = winner { log.info("stopping", ["signal": name(of: signal)]) }
        let stopped = await stop()
        if case .failed = winner { return .failed }
        return stopped ? .done : .failed
    }

    /// Starts stage by stage; throws the first service's error, after having logged it.
    public func start() async throws {
        let (stages, more) = state.withLock { ($0.stages, $0.more) }
        let next = try await start(stages, from: 0)
        guard let more else { return }
        try Task.checkCancellation()
        let later: [[any Service]]
        do { later = try more() } catch {
            log.error("the services could not be made", ["reason": String(describing: error)])
            throw error
        }
        state.withLock { state in
            state.stages += later
            state.phases += Array(repeating: .waiting, count: later.joined().count)
            state.more = nil
        }
        _ = try await start(later, from: next)
    }

    /// - Parameter first: the index of the first service.
    /// - Returns: the index after the last one.
    private func start(_ stages: [[any Service]], from first: Int) async throws -> Int {
        var first = first
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
        return first
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

    /// Stops, in reverse, every service that was told to start; one stop may have half of the time that is left, the
    /// last ones all of it.
    /// - Returns: whether all had ended in time.
    @discardableResult
    public func stop() async -> Bool {
        let deadline = ContinuousClock.now + stopTimeout
        let race = Race()
        Task {
            await self.stopAll(by: deadline - stopTimeout / 20)
            race.won(by: .stopped)
        }
        Task {
            try? await Task.sleep(until: deadline, clock: .continuous)
            race.won(by: .timedOut)
        }
        if case .stopped = await race.winner() { return true }
        let late = readiness.filter { $0.reason == "stopping" }.map(\.name)
        log.error("not stopped in time, ending all the same", ["services": late.joined(separator: ", ")])
        return false
    }

    private func stopAll(by deadline: ContinuousClock.Instant) async {
        let stages = state.withLock { $0.stages }
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

    /// Every service and why it does not serve now; nil: it does.
    ///
    /// Until the further stages are made they stand there as one that waits: a group whose first stages serve is not
    /// ready.
    public var readiness: [(name: String, reason: String?)] {
        let (stages, phases, isWhole) = state.withLock { ($0.stages, $0.phases, $0.more == nil) }
        let made: [(name: String, reason: String?)] = zip(stages.joined(), phases).map { service, phase in
            switch phase {
            case .waiting: (service.name, "waiting for those before it")
            case .starting: (service.name, service.notReady ?? "starting")
            case .started: (service.name, service.notReady)
            case .stopping: (service.name, "stopping")
            case .stopped: (service.name, "stopped")
            }
        }
        return isWhole ? made : made + [("all others", "made once these have started")]
    }
}
