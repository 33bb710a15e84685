import Glibc
import Synchronization
public import Telemetry

/// SIGTERM and SIGINT, awaited by a thread of their own: nothing runs inside a signal handler.
///
/// The first signal asks the process to stop; a second one ends it at once, with ``ExitStatus/failed``.
public final class Signals: Sendable {
    private struct State {
        var first: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }
    private let state = Mutex(State())
    private let end: @Sendable (Int32) -> Void

    /// Takes both signals over and ignores SIGPIPE. Must be the first thing that the program does: the signals are
    /// blocked in the calling thread and in those that it starts from then on.
    public static func takeOver(log: Log) -> Signals {
        let signals = Signals { signal in
            log.warning("stopping at once: a second signal came", ["signal": name(of: signal)])
            _exit(ExitStatus.failed.rawValue)
        }
        signals.startThread()
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

    private func startThread() {
        _ = Glibc.signal(SIGPIPE, SIG_IGN)
        var set = stopSignals()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let status = pthread_create(&thread, &attributes, awaitSignals, context.toOpaque())
        precondition(status == 0, "no thread for signals: \(status)")
        pthread_attr_destroy(&attributes)
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

private func stopSignals() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    return set
}

private func awaitSignals(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let signals = Unmanaged<Signals>.fromOpaque(context!).takeRetainedValue()
    var set = stopSignals()
    while true {
        var signal: Int32 = 0
        if sigwait(&set, &signal) == 0 { signals.came(signal) }
    }
}
