import Lifecycle
import Synchronization

/// Rings once at the earliest requested time. One sleeping task, replaced when an earlier time is requested.
final class AlarmClock: Sendable {
    private struct State {
        var at: ContinuousClock.Instant?
        var sleeper: Task<Void, Never>?
    }
    private let time: any Timekeeper
    private let state = Mutex(State())

    init(time: any Timekeeper) { self.time = time }

    /// - Parameter ring: called once, at `instant`, or earlier if that was requested before.
    func set(at instant: ContinuousClock.Instant, ring: @escaping @Sendable () -> Void) {
        state.withLock { state in
            if let at = state.at, at <= instant { return }
            state.sleeper?.cancel()
            state.at = instant
            state.sleeper = Task {
                do { try await time.sleep(until: instant) } catch { return }
                let isOurs = self.state.withLock { state in
                    guard state.at == instant else { return false }
                    state.at = nil
                    state.sleeper = nil
                    return true
                }
                if isOurs { ring() }
            }
        }
    }

    func cancel() {
        state.withLock { state in
            state.sleeper?.cancel()
            state = State()
        }
    }
}
