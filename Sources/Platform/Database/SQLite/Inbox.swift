import Glibc

/// What waits for threads of ours to do it: bounded, first in, first out.
///
/// `@unchecked`: the fields are touched under the lock only.
final class Inbox<Job: Sendable>: @unchecked Sendable {
    enum Refusal { case full, closed }

    private let capacity: Int
    private var jobs: [Job] = []
    private var isClosed = false
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(capacity: Int) {
        self.capacity = capacity
        pthread_mutex_init(lock, nil)
        pthread_cond_init(arrival, nil)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(lock)
        arrival.deallocate()
        lock.deallocate()
    }

    /// Puts a job in; why not, where it was refused.
    func put(_ job: Job) -> Refusal? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if isClosed { return .closed }
        if jobs.count >= capacity { return .full }
        jobs.append(job)
        pthread_cond_signal(arrival)
        return nil
    }

    /// Waits for jobs and takes at most `count` of them; nil once it is closed and empty.
    func take(atMost count: Int) -> [Job]? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while jobs.isEmpty {
            if isClosed { return nil }
            pthread_cond_wait(arrival, lock)
        }
        if jobs.count <= count {
            defer { jobs.removeAll(keepingCapacity: true) }
            return jobs
        }
        defer { jobs.removeFirst(count) }
        return Array(jobs.prefix(count))
    }

    /// Refuses further jobs; what waits is still done.
    func close() {
        pthread_mutex_lock(lock)
        isClosed = true
        pthread_cond_broadcast(arrival)
        pthread_mutex_unlock(lock)
    }
}
