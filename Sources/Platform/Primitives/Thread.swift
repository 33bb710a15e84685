import Glibc

/// Runs `body` on a thread of its own, which ends with it: for blocking calls, since Swift's own pool must never be
/// blocked.
///
/// Signals are blocked on it: a write to a closed peer fails with EPIPE there.
/// - Parameter name: for debuggers, 15 bytes at most.
public func startThread(_ name: StaticString, _ body: @escaping @Sendable () -> Void) {
    // Without threads this process cannot go on.
    precondition(startThreadIfPossible(name, body), "no thread could be started: raise the thread limit")
}

/// The same, for callers that can do without: false if the system has no thread.
public func startThreadIfPossible(_ name: StaticString, _ body: @escaping @Sendable () -> Void) -> Bool {
    let box = Unmanaged.passRetained(ThreadBody(name: name, run: body))
    var thread = pthread_t()
    guard pthread_create(&thread, nil, runThread, box.toOpaque()) == 0 else {
        box.release()
        return false
    }
    pthread_detach(thread)
    return true
}

private final class ThreadBody: Sendable {
    let name: StaticString
    let run: @Sendable () -> Void

    init(name: StaticString, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

/// A top-level function, since it is called from a thread that is not Swift's.
private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let body = Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
    var signals = sigset_t()
    sigfillset(&signals)
    // A fault of the thread's own keeps its handler, which prints where it was.
    for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&signals, fault) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    nameThread(body.name)
    body.run()
    return nil
}

/// The C library's function for this is hidden from Swift; the kernel's file does the same.
private func nameThread(_ name: StaticString) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, name.utf8Start, min(name.utf8CodeUnitCount, 15))
    close(file)
}
