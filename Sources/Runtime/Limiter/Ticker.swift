import Dispatch
import RateLimit
import Synchronization

/// Calls its owner at the earliest instant that was asked for: one timer for all partitions.
final class Ticker: Sendable {
    private struct State {
        // The library's timers may be used from any thread; here the lock sees to it that one does at a time.
        nonisolated(unsafe) let timer: any DispatchSourceTimer
        var at = OwnTime.never
        var isEnded = false
    }

    private let state: Mutex<State>

    /// - Parameter ring: called on a queue of its own, never twice at once.
    init(ring: @escaping @Sendable () -> Void) {
        let timer = DispatchSource.makeTimerSource(
            queue: DispatchQueue(label: "ratelimit-ticker", qos: .userInteractive))
        state = Mutex(State(timer: timer))
        timer.setEventHandler { [weak self] in
            self?.rang()
            ring()
        }
        timer.schedule(deadline: .distantFuture)
        timer.activate()
    }

    /// Wants to be called at `instant`, or sooner.
    func wake(at instant: OwnTime) {
        state.withLock { state in
            guard !state.isEnded, instant < state.at else { return }
            state.at = instant
            let nanoseconds = max(0, instant > .now() ? instant.nanoseconds - OwnTime.now().nanoseconds : 0)
            state.timer.schedule(deadline: .now() + .nanoseconds(Int(nanoseconds)), leeway: .microseconds(500))
        }
    }

    func end() {
        state.withLock { state in
            state.isEnded = true
            state.timer.cancel()
        }
    }

    private func rang() { state.withLock { $0.at = .never } }
}
