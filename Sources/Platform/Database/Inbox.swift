import Glibc

/// What waits for threads of ours to do it: bounded, in lanes of which each is first in, first out, and which take turns.
///
/// `@unchecked`: the fields are touched under the lock only.
final class Inbox<Job: Sendable>: @unchecked Sendable {
    enum Refusal { case full, closed }

    private let capacity: Int
    private var lanes: [[Job]]
    /// The lane whose turn is next.
    private var turn = 0
    /// Threads that wait for a job.
    private var idle = 0
    private var isClosed = false
    private let unserved: (@Sendable () -> Void)?
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// - Parameters:
    ///   - capacity: jobs in a lane.
    ///   - unserved: called when more jobs wait than threads do, by whoever puts one in.
    init(capacity: Int, lanes: Int = 1, unserved: (@Sendable () -> Void)? = nil) {
        self.capacity = capacity
        self.lanes = Array(repeating: [], count: lanes)
        self.unserved = unserved
        pthread_mutex_init(lock, nil)
        pthread_cond_init(arrival, nil)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(lock)
        arrival.deallocate()
        lock.deallocate()
    }

    private func locked<Success>(_ body: () -> Success) -> Success {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }

    /// Puts a job in; why not, where it was refused.
    func put(_ job: Job, lane: Int = 0) -> Refusal? {
        let (refusal, isUnserved): (Refusal?, Bool) = locked {
            if isClosed { return (.closed, false) }
            if lanes[lane].count >= capacity { return (.full, false) }
            lanes[lane].append(job)
            pthread_cond_signal(arrival)
            return (nil, unservedCount > 0)
        }
        if isUnserved { unserved?() }
        return refusal
    }

    /// Puts back what was taken and could not be done, before all others, also where it is full or closed.
    func putBack(_ jobs: [Job], lane: Int = 0) {
        locked {
            lanes[lane].insert(contentsOf: jobs, at: 0)
            pthread_cond_broadcast(arrival)
        }
        unserved?()
    }

    /// Waits for jobs and takes at most `count` of one lane; nil once it is closed and empty.
    func take(atMost count: Int) -> [Job]? {
        locked {
            while true {
                for step in lanes.indices {
                    let lane = (turn + step) % lanes.count
                    guard !lanes[lane].isEmpty else { continue }
                    turn = (lane + 1) % lanes.count
                    return takeFirst(count, of: &lanes[lane])
                }
                if isClosed { return nil }
                idle += 1
                pthread_cond_wait(arrival, lock)
                idle -= 1
            }
        }
    }

    /// Takes those out that come first and fulfil a condition.
    func takeFirst(while condition: (Job) -> Bool) -> [Job] {
        locked {
            var taken: [Job] = []
            for lane in lanes.indices {
                let jobs = lanes[lane].prefix(while: condition)
                taken += jobs
                lanes[lane].removeFirst(jobs.count)
            }
            return taken
        }
    }

    /// How many jobs wait beyond the threads that wait for them.
    var backlog: Int { locked { max(0, unservedCount) } }

    private var unservedCount: Int { lanes.reduce(0) { $0 + $1.count } - idle }

    /// How many jobs wait.
    var count: Int { locked { lanes.reduce(0) { $0 + $1.count } } }

    /// The job of the first lane that has waited for longest.
    var first: Job? { locked { lanes[0].first } }

    var isEmptyAndClosed: Bool { locked { isClosed && lanes.allSatisfy(\.isEmpty) } }

    private func takeFirst(_ count: Int, of jobs: inout [Job]) -> [Job] {
        if jobs.count <= count {
            defer { jobs.removeAll(keepingCapacity: true) }
            return jobs
        }
        defer { jobs.removeFirst(count) }
        return Array(jobs.prefix(count))
    }

    /// Refuses further jobs; what waits is still done.
    func close() {
        locked {
            isClosed = true
            pthread_cond_broadcast(arrival)
        }
    }
}
