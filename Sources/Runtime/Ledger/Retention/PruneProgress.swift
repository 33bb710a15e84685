import Synchronization

/// How far a prune has come with deliveries and events, for whoever watches it. It is counted in ids: they are given out one
/// after another, so that how many there are is known without reading the rows.
final class PruneProgress: Sendable {
    private struct Ids {
        var passed: Int64 = 0
        var total: Int64 = 0
    }
    private let ids = Mutex(Ids())
    private let told: @Sendable (_ done: Int64, _ total: Int64) -> Void

    init(_ told: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void) { self.told = told }

    /// So many are to be passed, too.
    func expects(_ count: Int64) { ids.withLock { $0.total += max(0, count) } }

    /// So many were passed.
    func passes(_ count: Int64) {
        let ids = ids.withLock { ids in
            ids.passed += count
            // What is planned meanwhile was not expected.
            ids.total = max(ids.total, ids.passed)
            return ids
        }
        told(ids.passed, ids.total)
    }
}
