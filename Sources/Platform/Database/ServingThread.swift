import Primitives

/// A thread that takes jobs out of an inbox, and ends when that is closed and empty.
final class ServingThread: Sendable {
    private let ended = Once<Void>()

    /// - Parameters:
    ///   - name: for debuggers.
    ///   - serve: does a few jobs.
    ///   - finally: lets go of what `serve` used; done before ``end()`` returns.
    init<Job: Sendable>(
        _ name: StaticString, _ inbox: Inbox<Job>, atMost count: Int, serve: @escaping @Sendable ([Job]) -> Void,
        finally: @escaping @Sendable () -> Void
    ) {
        startThread(name) { [ended] in
            while let jobs = inbox.take(atMost: count) { serve(jobs) }
            finally()
            ended.open()
        }
    }

    /// Returns once the thread has ended; its inbox must have been closed.
    func end() async { await ended.wait() }
}
