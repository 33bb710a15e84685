import Glibc
import Synchronization

/// A thread that takes jobs out of an inbox, and ends when that is closed and empty.
final class ServingThread: Sendable {
    private struct Ending {
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let ending = Mutex(Ending())

    /// - Parameters:
    ///   - serve: does a few jobs.
    ///   - finally: lets go of what `serve` used; done before ``end()`` returns.
    init<Job: Sendable>(
        _ inbox: Inbox<Job>, atMost count: Int, serve: @escaping @Sendable ([Job]) -> Void,
        finally: @escaping @Sendable () -> Void
    ) {
        start { [self] in
            while let jobs = inbox.take(atMost: count) { serve(jobs) }
            finally()
            finish()
        }
    }

    /// Returns once the thread has ended; its inbox must have been closed.
    func end() async {
        await withCheckedContinuation { continuation in
            let hasEnded = ending.withLock { ending in
                if !ending.hasEnded { ending.waiters.append(continuation) }
                return ending.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    private func finish() {
        let waiters = ending.withLock { ending in
            ending.hasEnded = true
            return ending.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func start(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
        let result = pthread_create(&thread, nil, runThread, box)
        precondition(result == 0, "the system gives no thread: error \(result)")
        pthread_detach(thread)
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runThread(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<ThreadBody>.fromOpaque(box!).takeRetainedValue().run()
    return nil
}
