import Glibc

/// How the kernel divides the processors among this process's threads and others.
public enum Scheduling: String, Sendable {
    /// As for any other program.
    case normal
    /// Threads that wake up do not preempt others (SCHED_BATCH, sched(7)): a running thread continues to the end of its
    /// time slice, and so handles more work at once. For a process that passes much work from thread to thread; it
    /// costs latency if other programs keep all processors busy.
    case batch

    /// Swift's module of the C library leaves it out.
    private static let batchPolicy: Int32 = 3

    /// Applies to threads that this one starts from here on. If the kernel refuses, nothing changes.
    public func apply() {
        guard self == .batch else { return }
        var none = sched_param()
        _ = sched_setscheduler(0, Self.batchPolicy, &none)
    }
}
