import Dispatch
import RateLimit
import Synchronization

/// Calls its owner at the earliest requested instant: one timer for all partitions.
///
/// A system timer, not a sleeping task as for deliveries: it is moved thousands of times a second, which would cost a
/// task each, and half a millisecond matters to a request that waits for a permit.
final class Ticker: Sendable {
    private struct State {
        // The library's timers may be used from any thread; here the lock ensures that one does at a time.
        nonisolated(unsafe) let timer: any DispatchSourceTimer
        var at = OwnTime.never
        var isEnded = false
    }

    private let state: Mutex<State>

    init() {
        let timer = DispatchSource.makeTimerSource(
            queue: DispatchQueue(label: "ratelimit-ticker", qos: .userInteractive))
        timer.schedule(deadline: .distantFuture)
        state = Mutex(State(timer: timer))
    }

    /// Starts the timer. To be called once, before the ticker is released.
    ///
    /// - Parameter ring: called on a queue of its own, never twice at once.
    func start(ring: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.timer.setEventHandler { [weak self] in
                self?.rang()
                ring()
            }
            state.timer.activate()
        }
    }

    /// Requests a call at `instant`, or sooner.
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
