import CMicrohttpd
import Glibc
import Primitives
import Synchronization

/// One of the server's threads: drives the library, runs the requests' tasks, keeps the deadlines.
///
/// The library has no thread of its own: with 128 or more connections ready at once its own loop waits with the
/// requests in its hand. Everything below but ``enqueue(_:)`` and the inbox is touched on this thread alone.
final class ServerLoop: TaskExecutor, @unchecked Sendable {
    let settings: ServerSettings
    let inbox = LoopInbox()
    let bodies: BodyBudget
    /// The server's own refusals, in the application's shape.
    let refuse: @Sendable (Int, String) -> Response
    /// What a request's task does.
    private let serve: @Sendable (Exchange) async -> Void
    private let thread = Atomic<UInt>(0)

    let idleTimeout: LoopTime
    let bodyDeadline: LoopTime
    @exclusivity(unchecked) var daemon: OpaquePointer?
    /// The time as of the latest turn, on both clocks.
    @exclusivity(unchecked) private(set) var now = LoopClock.now
    @exclusivity(unchecked) private(set) var instant = ContinuousClock.now
    @exclusivity(unchecked) private var ready: [UnownedJob] = []
    @exclusivity(unchecked) private var nextReady = 0
    @exclusivity(unchecked) private(set) var connections: [Connection] = []
    /// How many these are, for other threads.
    let connectionCount = Atomic<Int>(0)
    @exclusivity(unchecked) private var nextSweep = LoopTime.max
    /// Requests whose answer the library has not finished sending.
    @exclusivity(unchecked) var exchangesUnderWay = 0
    @exclusivity(unchecked) private var tasksUnderWay = 0
    @exclusivity(unchecked) var stopOrder: StopOrder?
    /// Where heads are gathered.
    @exclusivity(unchecked) var scratch = HeadScratch()
    var isStopping: Bool { stopOrder != nil }

    init(
        _ settings: ServerSettings, _ bodies: BodyBudget, refuse: @escaping @Sendable (Int, String) -> Response,
        serve: @escaping @Sendable (Exchange) async -> Void
    ) {
        self.settings = settings
        self.bodies = bodies
        idleTimeout = settings.idleTimeout.nanoseconds
        bodyDeadline = settings.bodyDeadline.nanoseconds
        self.refuse = refuse
        self.serve = serve
    }

    // MARK: Jobs

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOnThread {
            ready.append(job)
        } else if !inbox.append(job) {
            globalConcurrentExecutor.enqueue(ExecutorJob(job))
        }
    }

    private var isOnThread: Bool { UInt(pthread_self()) == thread.load(ordering: .relaxed) }

    /// Runs what can run. Called in the handler, too: a task that has no need to wait is done before the handler
    /// returns, and its connection need not be suspended.
    func runReady() {
        while nextReady < ready.count {
            let job = ready[nextReady]
            nextReady += 1
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
        ready.removeAll(keepingCapacity: true)
        nextReady = 0
    }

    /// Begins the request's task, and lets it run as far as it comes.
    func begin(_ exchange: Exchange) {
        tasksUnderWay += 1
        Task(executorPreference: self) {
            await self.serve(exchange)
            self.tasksUnderWay -= 1
        }
        runReady()
    }

    // MARK: Connections

    func append(_ connection: Connection) {
        connection.position = connections.count
        connections.append(connection)
        connectionCount.store(connections.count, ordering: .relaxed)
        connection.becomeIdle()
    }

    func remove(_ connection: Connection) {
        let position = connection.position
        connections.swapAt(position, connections.count - 1)
        connections[position].position = position
        connections.removeLast()
        connectionCount.store(connections.count, ordering: .relaxed)
    }

    /// Something must be looked at by then.
    func sweep(notLaterThan time: LoopTime) { nextSweep = min(nextSweep, time) }

    /// Deadlines are few kinds and far apart; looking at all connections, at most twenty times a second, is less work
    /// than keeping them in order at every request.
    private static let sweepInterval: LoopTime = 50_000_000

    private func sweepIfDue() {
        guard nextSweep <= now else { return }
        nextSweep = .max
        for connection in connections where connection.deadline <= now { connection.deadlinePassed() }
        guard let earliest = connections.lazy.map(\.deadline).min(), earliest < .max else { return }
        sweep(notLaterThan: max(earliest, now + Self.sweepInterval))
    }

    // MARK: The thread

    /// Starts the thread, which keeps the loop alive until it ends.
    func start() { startThread("http") { [self] in run() } }

    func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        guard let epoll = daemon.map(cmhd_epoll_descriptor) else { return }
        while daemon != nil || tasksUnderWay > 0 || !inbox.close() {
            sleep(epoll)
            now = LoopClock.now
            instant = .now
            if let order = inbox.take(into: &ready) { beginStopping(order) }
            runReady()
            guard let daemon else { continue }
            MHD_run(daemon)
            sweepIfDue()
            continueStopping()
        }
    }

    /// Waits for the network, other threads and the next deadline; not at all where there is something to do.
    private func sleep(_ epoll: Int32) {
        let timeout = sleepMilliseconds
        guard timeout != 0, ready.isEmpty, inbox.fallAsleep() else { return }
        var watched = [
            pollfd(fd: daemon == nil ? -1 : epoll, events: Int16(POLLIN), revents: 0),
            pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        poll(&watched, 2, timeout)
        if watched[1].revents != 0 { inbox.drain() }
    }

    private var sleepMilliseconds: Int32 {
        guard let daemon else { return -1 }
        var milliseconds: cmhd_milliseconds = 0
        var shortest: Int64? =
            MHD_get_timeout(daemon, &milliseconds) == cmhd_yes ? Int64(clamping: milliseconds) : nil
        let due = min(nextSweep, stopOrder?.deadline ?? .max)
        if due < .max {
            // Rounded up: a deadline must have passed when the loop wakes for it.
            shortest = min(shortest ?? .max, max(0, (due - LoopClock.now + 999_999) / 1_000_000))
        }
        return shortest.map { Int32(clamping: $0) } ?? -1
    }
}
