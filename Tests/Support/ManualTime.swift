import Lifecycle
package import Orders
import Synchronization

/// Clocks that stand still until the test moves them.
package final class ManualTime: Timekeeper {
    /// The instant that all of them begin at.
    package static let start = ContinuousClock.now

    private struct State {
        var now = ManualTime.start
        var wall = epoch
        var sleepers: [Int: (at: ContinuousClock.Instant, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
        var next = 0
    }
    private let state = Mutex(State())

    package init() {}

    package var now: ContinuousClock.Instant { state.withLock { $0.now } }
    package var wall: Timestamp { state.withLock { $0.wall } }

    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration
            state.wall.milliseconds += duration.milliseconds
            let due = state.sleepers.filter { $0.value.at <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.at < $1.at }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    package func sleep(until instant: ContinuousClock.Instant) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enum Fate { case due, cancelled, sleeps }
                let fate = state.withLock { state -> Fate in
                    if state.cancelled.remove(id) != nil { return .cancelled }
                    if instant <= state.now { return .due }
                    state.sleepers[id] = (instant, continuation)
                    return .sleeps
                }
                switch fate {
                case .due: continuation.resume()
                case .cancelled: continuation.resume(throwing: CancellationError())
                case .sleeps: break
                }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
