import Glibc
import Primitives
public import Telemetry

/// SIGTERM and SIGINT, awaited by a thread of their own: inside the signal handler a byte is written to a pipe, and
/// nothing else happens there. (Blocking the signals for `sigwait` would have to come before the first thread, which a
/// program with an asynchronous `main` cannot guarantee.)
///
/// The first signal asks the process to stop; a second one ends it at once, with ``ExitStatus/failed``.
public final class Signals: Sendable {
    private let arrival = Once<Int32>()
    private let end: @Sendable (Int32) -> Void

    /// Takes over both signals and ignores SIGPIPE. To be called once in a process, early: until then a signal ends it.
    public static func takeOver(log: Log) -> Signals {
        let signals = Signals { signal in
            log.warning("stopping at once because of a second signal", ["signal": name(of: signal)])
            _exit(ExitStatus.failed.rawValue)
        }
        signals.listen()
        return signals
    }

    /// - Parameter end: called with the second signal.
    init(end: @escaping @Sendable (Int32) -> Void) { self.end = end }

    /// Waits for the first signal, and returns its number.
    public func first() async -> Int32 { await arrival.value }

    func came(_ signal: Int32) {
        if !arrival.give(signal) { end(signal) }
    }

    /// Installs the handlers and starts the thread.
    func listen() {
        var ends: [Int32] = [0, 0]
        let hasPipe = pipe(&ends) == 0
        precondition(hasPipe, "no pipe for signals: \(errno)")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        signalPipe = ends[1]
        startThread("signals") { [self, pipe = ends[0]] in
            var byte: UInt8 = 0
            while true {
                let count = read(pipe, &byte, 1)
                if count == 1 { came(Int32(byte)) } else if count == 0 || errno != EINTR { return }
            }
        }
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
