import Glibc

/// How the kernel shares processors out among this process's threads and others.
public enum Scheduling {
    /// Swift's module of the C library leaves it out.
    private static let batchPolicy: Int32 = 3

    /// Threads that this one starts from here on take nobody's processor away when they are woken (SCHED_BATCH, sched(7)):
    /// who runs goes on to the end of its time slice, and so finds and leaves more to do at once.
    ///
    /// For a process through which much passes from thread to thread. It pays with some milliseconds where other programs
    /// keep all processors busy. A kernel that refuses it leaves everything as it is.
    public static func favorBatches() {
        var none = sched_param()
        _ = sched_setscheduler(0, batchPolicy, &none)
    }
}
