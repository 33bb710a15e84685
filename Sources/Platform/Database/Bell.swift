import Glibc

/// Wakes one thread that waits for something to have happened, or for a time.
///
/// `@unchecked`: the fields are touched under the lock only.
final class Bell: @unchecked Sendable {
    private var hasRung = false
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let rung = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(rung, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(rung)
        pthread_mutex_destroy(lock)
        rung.deallocate()
        lock.deallocate()
    }

    func ring() {
        pthread_mutex_lock(lock)
        hasRung = true
        pthread_cond_signal(rung)
        pthread_mutex_unlock(lock)
    }

    /// Returns once it has rung since the last time, or at `time`, in milliseconds of the monotonic clock.
    func wait(until time: Int64?) {
        pthread_mutex_lock(lock)
        defer {
            hasRung = false
            pthread_mutex_unlock(lock)
        }
        guard let time else {
            while !hasRung { pthread_cond_wait(rung, lock) }
            return
        }
        var end = timespec(tv_sec: Int(time / 1000), tv_nsec: Int(time % 1000) * 1_000_000)
        while !hasRung { if pthread_cond_timedwait(rung, lock, &end) == ETIMEDOUT { return } }
    }
}
