import Lifecycle
import Synchronization
import Telemetry

extension DeliveryEngine {
    /// Takes nothing more, gives back what waits, lets attempts under way end, writes all outcomes; by `deadline`.
    ///
    /// What has not ended shortly before the deadline is cancelled, and its outcome noted as unknown.
    public func stop(by deadline: ContinuousClock.Instant) async {
        takeNothingMore()
        await bounded(by: deadline - .milliseconds(1500)) { await self.idle() }
        let late = state.withLock { $0.running.values.map(\.task) }
        for task in late { task.cancel() }
        await bounded(by: deadline - .milliseconds(1000)) { await self.idle() }
        for id in state.withLock({ Array($0.running.keys) }) { overstay(id) }
        await bounded(by: deadline) {
            await self.idle()
            await self.completer.flushed()
        }
        alarm.cancel()
        if !completer.isEmpty { parts.journal.warning("outcomes could not be written before the end") }
    }

    /// From now on rows that come are given back, those that wait too.
    func takeNothingMore() {
        let destinations = state.withLock { state in
            state.isStopping = true
            return Array(state.lanes.keys)
        }
        for destination in destinations { with(destination) { _ in } }
    }

    /// Returns once no attempt and no take is under way.
    private func idle() async {
        let once = Once<Void>()
        let isIdle = state.withLock { state in
            if Self.isIdle(state) { return true }
            state.idleWaiters.append(once)
            return false
        }
        if !isIdle { await once.value }
    }

    func tellIfIdle() {
        let waiters = state.withLock { state -> [Once<Void>] in
            guard Self.isIdle(state) else { return [] }
            defer { state.idleWaiters = [] }
            return state.idleWaiters
        }
        for waiter in waiters { waiter.give(()) }
    }

    private static func isIdle(_ state: State) -> Bool {
        state.takes == 0 && state.takeQueue.isEmpty && state.lanes.values.allSatisfy { $0.lane.attempting.isEmpty }
    }

    /// Waits for `work`, at most until `deadline`; what is left of it goes on by itself.
    private func bounded(by deadline: ContinuousClock.Instant, _ work: @escaping @Sendable () async -> Void) async {
        let once = Once<Void>()
        let timer = Task {
            try? await parts.time.sleep(until: deadline)
            once.give(())
        }
        Task {
            await work()
            once.give(())
        }
        await once.value
        timer.cancel()
    }
}
