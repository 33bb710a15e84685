import Glibc
import Synchronization
public import Telemetry

/// SIGTERM and SIGINT, awaited by a thread of their own: inside the signal handler a byte is written to a pipe, and
/// nothing else happens there. (Blocking the signals for `sigwait` would have to come before the first thread, which in
/// a program with an asynchronous `main` nobody can promise.)
///
/// The first signal asks the process to stop; a second one ends it at once, with ``ExitStatus/failed``.
public final class Signals: Sendable {
    private struct State {
        var first: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }
    private let state = Mutex(State())
    private let end: @Sendable (Int32) -> Void

    /// Takes both signals over and ignores SIGPIPE. Once in a process, early: until then a signal ends it.
    public static func takeOver(log: Log) -> Signals {
        let signals = Signals { signal in
            log.warning("stopping at once: a second signal came", ["signal": name(of: signal)])
            _exit(ExitStatus.failed.rawValue)
        }
        signals.listen()
        return signals
    }

    /// - Parameter end: called with the second signal.
    init(end: @escaping @Sendable (Int32) -> Void) { self.end = end }

    /// Returns once the first signal has come; its number.
    public func first() async -> Int32 {
        await withCheckedContinuation { continuation in
            let already: Int32? = state.withLock { state in
                if state.first == nil { state.waiting.append(continuation) }
                return state.first
            }
            if let already { continuation.resume(returning: already) }
        }
    }

    func came(_ signal: Int32) {
        let waiting: [CheckedContinuation<Int32, Never>]? = state.withLock { state in
            guard state.first == nil else { return nil }
            state.first = signal
            defer { state.waiting = [] }
            return state.waiting
        }
        guard let waiting else { return end(signal) }
        for continuation in waiting { continuation.resume(returning: signal) }
    }

    /// Installs the handlers and starts the thread.
    func listen() {
        var ends: [Int32] = [0, 0]
        let hasPipe = pipe(&ends) == 0
        precondition(hasPipe, "no pipe for signals: \(errno)")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        signalPipe = ends[1]
        let start = Start(signals: self, pipe: ends[0])
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, awaitSignals, Unmanaged.passRetained(start).toOpaque())
        precondition(status == 0, "no thread for signals: \(status)")
        pthread_attr_destroy(&attributes)
        _ = Glibc.signal(SIGPIPE, SIG_IGN)
        for signal in [SIGTERM, SIGINT] { _ = Glibc.signal(signal, noteSignal) }
        // Whoever started the program may have blocked them: a mask is inherited.
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGTERM, SIGINT] { sigaddset(&set, signal) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}

/// The name of a signal for the log.
func name(of signal: Int32) -> String {
    switch signal {
    case SIGTERM: "SIGTERM"
    case SIGINT: "SIGINT"
    default: String(signal)
    }
}

/// Where the handler writes; set before there is one.
private nonisolated(unsafe) var signalPipe: Int32 = -1

/// The signal handler: async-signal-safe, since it calls `write` alone (signal-safety(7)).
private func noteSignal(_ signal: Int32) {
    let before = errno
    var byte = UInt8(truncatingIfNeeded: signal)
    _ = write(signalPipe, &byte, 1)
    errno = before
}

private final class Start {
    let signals: Signals
    let pipe: Int32
    init(signals: Signals, pipe: Int32) {
        self.signals = signals
        self.pipe = pipe
    }
}

private func awaitSignals(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let start = Unmanaged<Start>.fromOpaque(context!).takeRetainedValue()
    var byte: UInt8 = 0
    while true {
        let count = read(start.pipe, &byte, 1)
        if count == 1 { start.signals.came(Int32(byte)) } else if count == 0 || errno != EINTR { return nil }
    }
}
