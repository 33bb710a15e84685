import CMicrohttpd
import Glibc
import Synchronization

/// What other threads hand to the loop thread, and how they wake it: one list, one eventfd.
///
/// The eventfd is written only while the loop sleeps. A thread that resumes a hundred tasks writes once; the rest of
/// its jobs are found by the loop before it sleeps again.
final class LoopInbox: Sendable {
    private struct State {
        var jobs: [UnownedJob] = []
        var stop: StopOrder?
        var isAsleep = false
        var isClosed = false

        /// True: whoever appended must write the eventfd.
        mutating func wake() -> Bool {
            defer { isAsleep = false }
            return isAsleep
        }
    }

    private let state = Mutex(State())
    let descriptor: Int32
    /// How often the eventfd was written.
    let wakeUps = Atomic<Int>(0)

    init() { descriptor = cmhd_eventfd() }

    deinit { Glibc.close(descriptor) }

    /// Appends a job. False: the loop has ended, and the job must run elsewhere.
    func append(_ job: UnownedJob) -> Bool {
        let (isTaken, mustWake) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.jobs.append(job)
            return (true, state.wake())
        }
        if mustWake { write() }
        return isTaken
    }

    /// Asks the loop to end. False: it has ended, or is ending already.
    func append(_ order: StopOrder) -> Bool {
        let (isTaken, mustWake) = state.withLock { state in
            guard !state.isClosed, state.stop == nil else { return (false, false) }
            state.stop = order
            return (true, state.wake())
        }
        if mustWake { write() }
        return isTaken
    }

    /// The loop wants to sleep. False if there is something to do.
    func fallAsleep() -> Bool {
        state.withLock { state in
            state.isAsleep = state.jobs.isEmpty && state.stop?.isNew != true
            return state.isAsleep
        }
    }

    /// The loop is awake, and takes what there is.
    func take(into jobs: inout [UnownedJob]) -> StopOrder? {
        state.withLock { state in
            state.isAsleep = false
            if jobs.isEmpty {
                swap(&jobs, &state.jobs)
            } else {
                jobs += state.jobs
                state.jobs.removeAll(keepingCapacity: true)
            }
            guard let order = state.stop, order.isNew else { return nil }
            state.stop?.isNew = false
            return order
        }
    }

    /// The loop ends; true: nothing is left behind.
    func close() -> Bool {
        state.withLock { state in
            guard state.jobs.isEmpty else { return false }
            state.isClosed = true
            return true
        }
    }

    private func write() {
        wakeUps.add(1, ordering: .relaxed)
        var one: UInt64 = 1
        Glibc.write(descriptor, &one, 8)
    }

    /// Empties the eventfd.
    func drain() {
        var count: UInt64 = 0
        read(descriptor, &count, 8)
    }
}

/// How the loop is to end.
struct StopOrder: Sendable {
    /// What has no answer by then is closed.
    var deadline: LoopTime
    /// Called once nothing of the server is left but tasks that still run.
    var ended: @Sendable () -> Void
    var isNew = true
}
