import Intake
import Ledger
import Lifecycle
import Orders
import Synchronization

@testable import Delivery

/// An instant that the tests count from.
let start = ContinuousClock.now

func row(_ id: Int64, to destination: String = "email", key: String? = nil, attempt: Int = 0, isUnknown: Bool = false)
    -> LeasedDelivery
{
    LeasedDelivery(
        id: id, worker: "confirmations", destination: destination, eventID: "\(id).created", key: key ?? "\(id)",
        attempt: attempt, leaseNumber: 1, isOutcomeUnknown: isUnknown)
}

/// Always the shortest, or always the longest, that chance could give.
let shortest = Randomness { $0.lowerBound }
let longest = Randomness { $0.upperBound }

/// Clocks that stand still until the test moves them.
final class ManualTime: Timekeeper {
    private struct State {
        var now = start
        var wall = Timestamp(milliseconds: 1_750_000_000_000)
        var sleepers: [Int: (at: ContinuousClock.Instant, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
        var next = 0
    }
    private let state = Mutex(State())

    var now: ContinuousClock.Instant { state.withLock { $0.now } }
    var wall: Timestamp { state.withLock { $0.wall } }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration
            state.wall.milliseconds += duration.milliseconds
            let due = state.sleepers.filter { $0.value.at <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.at < $1.at }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    func sleep(until instant: ContinuousClock.Instant) async throws {
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
