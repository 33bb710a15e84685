package import Lifecycle
import Synchronization

/// Something that must be done for the rows periodically.
protocol Chore: AnyObject, Sendable {
    /// Does it once. Never throws: what could not be done is done the next time.
    ///
    /// - Returns: how long to wait before it is done again.
    func perform() async -> Duration
}

/// Starts and stops the chores; each has its own timer and is independent of the others.
final class Upkeep: Sendable {
    private struct State {
        var tasks: [Task<Void, Never>] = []
        /// When each chore is due; in the past while it is under way.
        var due: [ContinuousClock.Instant] = []
    }

    private let chores: [any Chore]
    private let time: any Timekeeper
    private let state = Mutex(State())

    init(_ chores: [any Chore], time: any Timekeeper) {
        self.chores = chores
        self.time = time
    }

    func start() {
        let now = time.now
        state.withLock { state in
            state.due = chores.map { _ in now }
            state.tasks = chores.indices.map { index in Task { await repeatedly(index) } }
        }
    }

    private func repeatedly(_ index: Int) async {
        while !Task.isCancelled {
            let next = time.now + (await chores[index].perform())
            let goesOn = state.withLock { state in
                // Stopped while it was done.
                if state.due.isEmpty { return false }
                state.due[index] = next
                return true
            }
            guard goesOn else { return }
            do { try await time.sleep(until: next) } catch { return }
        }
    }

    func stop() {
        let tasks = state.withLock { state in
            defer { state = State() }
            return state.tasks
        }
        for task in tasks { task.cancel() }
    }

    /// Whether no chore is due or under way.
    func isAtRest(at now: ContinuousClock.Instant) -> Bool { state.withLock { $0.due.allSatisfy { $0 > now } } }
}

extension Randomness {
    /// About so long: a tenth more or less, so that processes started together do not do things together.
    package func about(_ duration: Duration) -> Duration {
        let tenth = duration.milliseconds / 10
        return duration + .milliseconds(pick(-tenth...tenth))
    }
}
