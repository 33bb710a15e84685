import Primitives
import Synchronization
import Telemetry

/// The connections of one process: so many at most in each line, made when there is something to do and one at a time,
/// and replaced when they are lost.
///
/// A thread of its own decides: it sleeps until more waits than there are threads to take it, until a connection is made
/// or lost, or until a job has waited for too long. Each connection has a thread, which takes jobs from its line.
final class PostgreSQLPool: Sendable {
    typealias Job = PostgreSQLServing.Job

    /// Jobs waiting in a line; the one after is refused as ``DatabaseError/Code/overloaded``.
    static let waitingMaximum = 10_000
    /// A job that has waited for so long is worth one more connection: making it costs more than that. A thread that has
    /// just answered takes the next job sooner.
    private static let worthMilliseconds: Int64 = 5
    private struct State {
        var reconnection = Reconnection()
        /// Connections of each line.
        var open: [Int]
        /// Those of them that leave this machine without TLS.
        var inClear: [Int]
        /// Why the last one could not be made, and when that was.
        var failure: (error: DatabaseError, at: Int64)?
    }

    private let address: PostgreSQLAddress
    private let options: PostgreSQLOptions
    private let fenceHeld: (@Sendable () -> Void)?
    private let lines: [WaitingLine]
    private let state: Mutex<State>
    private let bell: Bell
    private let ended = Once<Void>()

    init(address: PostgreSQLAddress, options: PostgreSQLOptions, fenceHeld: (@Sendable () -> Void)?) {
        self.address = address
        self.options = options
        self.fenceHeld = fenceHeld
        let bell = Bell()
        self.bell = bell
        let seconds = options.metrics.map { PostgreSQLMetrics.statementSeconds(in: $0) }
        lines = Line.allCases.map {
            WaitingLine($0, bound: options.bound(of: $0), bell: bell, seconds: seconds?.labelled($0.name))
        }
        let none = Line.allCases.map { _ in 0 }
        state = Mutex(State(open: none, inClear: none))
        startThread("postgresql-pool") { [self] in manage() }
    }

    /// Puts a job in its line, or tells it why not.
    func ask(_ line: Line, _ job: Job) {
        switch lines[line.rawValue].inbox.put(job) {
        case nil: break
        case .closed: job.fail(.closed)
        case .full:
            job.fail(
                DatabaseError(
                    .overloaded, "\(Self.waitingMaximum) jobs wait for the database", isRetriable: true))
        }
    }

    /// Refuses further jobs; what waits is still done, or fails in its time.
    func close() {
        for line in lines { line.inbox.close() }
        bell.ring()
    }

    /// Returns once all has been done, and all connections have ended; it must have been closed.
    func end() async { await ended.wait() }

    /// How a line stands.
    func figures(of line: Line) -> LineFigures {
        let (open, inClear) = state.withLock { ($0.open[line.rawValue], $0.inClear[line.rawValue]) }
        let line = lines[line.rawValue]
        var figures = line.record.figures(
            waitingSince: line.inbox.first?.since, at: MachineClock.monotonic.milliseconds)
        figures.open = open
        figures.wanted = max(open, min(line.bound, open + line.inbox.backlog))
        figures.inClear = inClear
        figures.waiting = line.inbox.count
        return figures
    }

    // MARK: The pool's thread

    private func manage() {
        while true {
            for line in lines { line.isListening.set(true) }
            let now = MachineClock.monotonic.milliseconds
            failTheWaiting(at: now)
            connect(at: now)
            let (isTrying, open, next) = state.withLock { ($0.reconnection.isTrying, $0.open, $0.reconnection.nextTry) }
            if !isTrying, open.allSatisfy({ $0 == 0 }), lines.allSatisfy(\.inbox.isEmptyAndClosed) { break }
            var wake: Int64?
            for line in lines {
                if let first = line.inbox.first {
                    wake = min(wake ?? .max, first.since + patience(line, open[line.line.rawValue]).milliseconds)
                }
                guard line.inbox.backlog > 0 else { continue }
                // It is known that more waits there: whatever comes behind it changes nothing.
                line.isListening.set(false)
                if open[line.line.rawValue] < line.bound, let next, let since = line.inbox.first?.since {
                    let worth = open[line.line.rawValue] == 0 ? .min : since + Self.worthMilliseconds
                    wake = min(wake ?? .max, max(next, worth))
                }
            }
            bell.wait(until: wake)
        }
        ended.open()
    }

    /// How long a job may wait in a line of so many connections, and what is to be said afterwards.
    private func patience(_ line: WaitingLine, _ open: Int) -> (milliseconds: Int64, isBehindOthers: Bool) {
        if open == 0 { return (options.patience.connecting, false) }
        return (line.line == .reading ? options.patience.read : options.patience.transaction, true)
    }

    private func failTheWaiting(at now: Int64) {
        let (open, failure, hasConnected) = state.withLock { ($0.open, $0.failure, $0.reconnection.hasConnected) }
        for line in lines {
            let (milliseconds, isBehindOthers) = patience(line, open[line.line.rawValue])
            // Whoever waited for a connection that was refused is told at once. Before there ever was one the settings are
            // wrong; afterwards somebody changes them just now.
            let refusedAt = !isBehindOthers && failure?.error.code == .denied ? failure?.at : nil
            let late = line.inbox.takeFirst { $0.since <= refusedAt ?? .min || $0.since + milliseconds <= now }
            guard !late.isEmpty else { continue }
            line.record.waited(since: late[0].since, at: now)
            let error: DatabaseError
            if isBehindOthers {
                error = DatabaseError(
                    .overloaded,
                    "waited for \(Double(milliseconds) / 1000) s behind others for a connection to \(address)",
                    isRetriable: true)
            } else if let failure = failure?.error {
                error = DatabaseError(
                    failure.code, failure.message, isRetriable: failure.isRetriable || hasConnected,
                    nativeCode: failure.nativeCode)
            } else {
                error = DatabaseError(
                    .unreachable, "\(address): no connection for \(Double(milliseconds) / 1000) s", isRetriable: true)
            }
            for job in late { job.fail(error) }
        }
    }

    /// Starts a connection for the line that needs one most.
    private func connect(at now: Int64) {
        let wanting = state.withLock { state -> WaitingLine? in
            let wanting = lines.filter { line in
                let open = state.open[line.line.rawValue]
                guard open < line.bound, line.inbox.backlog > 0, let first = line.inbox.first else { return false }
                return open == 0 || first.since + Self.worthMilliseconds <= now
            }
            guard let line = wanting.min(by: { state.open[$0.line.rawValue] < state.open[$1.line.rawValue] }),
                state.reconnection.tries(at: now)
            else { return nil }
            return line
        }
        guard let wanting else { return }
        guard startThreadIfPossible("postgresql", { [self] in serve(wanting) }) else {
            failed(
                DatabaseError(.unreachable, "\(address): no thread for a connection", isRetriable: true), of: wanting)
            return
        }
    }

    private func failed(_ error: DatabaseError, of line: WaitingLine) {
        line.record.count(\.failed)
        let now = MachineClock.monotonic.milliseconds
        state.withLock { state in
            state.failure = (error, now)
            state.reconnection.failed(at: now, random: .random(in: 0..<1))
        }
    }

    // MARK: A connection's thread

    private func serve(_ line: WaitingLine) {
        defer { bell.ring() }
        let connection: PostgreSQLConnection
        do throws(DatabaseError) {
            connection = try PostgreSQLConnection.connect(
                to: address, as: options.name, line: line.line, isPooled: options.isPooled)
        } catch { return failed(error, of: line) }
        let since = MachineClock.monotonic.milliseconds
        state.withLock { state in
            state.reconnection.succeeded()
            state.failure = nil
            state.open[line.line.rawValue] += 1
            if connection.isInClear { state.inClear[line.line.rawValue] += 1 }
        }
        // Another may be wanted.
        bell.ring()
        let serving = PostgreSQLServing(
            connection, patience: options.patience, fenceHeld: fenceHeld, record: line.record,
            putBack: { line.inbox.putBack($0) })
        var isLost = false
        while !isLost, let jobs = line.inbox.take(atMost: line.line == .reading ? PostgreSQLServing.readsMaximum : 1) {
            line.record.waited(since: jobs.first?.since, at: MachineClock.monotonic.milliseconds)
            isLost = line.record.use { !serving.serve(jobs) }
        }
        serving.close()
        if isLost { line.record.count(\.lost) }
        state.withLock { state in
            state.open[line.line.rawValue] -= 1
            if connection.isInClear { state.inClear[line.line.rawValue] -= 1 }
            guard isLost else { return }
            let now = MachineClock.monotonic.milliseconds
            state.reconnection.lost(at: now, since: since, random: .random(in: 0..<1))
        }
    }
}

/// A line's jobs.
private final class WaitingLine: Sendable {
    let line: Line
    let bound: Int
    let inbox: Inbox<PostgreSQLServing.Job>
    let record: LineRecord
    /// Whether the pool's thread wants to know that more waits than there are threads for.
    let isListening: SharedFlag

    init(_ line: Line, bound: Int, bell: Bell, seconds: Histogram.Series?) {
        self.line = line
        self.bound = bound
        record = LineRecord(seconds: seconds)
        let isListening = SharedFlag()
        self.isListening = isListening
        inbox = Inbox(
            capacity: PostgreSQLPool.waitingMaximum,
            unserved: { if isListening.exchange(false) { bell.ring() } })
    }
}

/// A flag that several threads change.
private final class SharedFlag: Sendable {
    private let value = Atomic(false)
    func set(_ new: Bool) { value.store(new, ordering: .sequentiallyConsistent) }
    func exchange(_ new: Bool) -> Bool { value.exchange(new, ordering: .sequentiallyConsistent) }
}
