internal import Synchronization

/// Something that happens once and can be waited for, with a deadline.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var nextWaiter = 0
        var waiters: [Int: UnsafeContinuation<Bool, Never>] = [:]
    }
    private let state = Mutex(State())

    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// It has happened: everyone who waits goes on.
    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [:] }
            return state.waiters.values.map { $0 }
        }
        for waiter in waiters { waiter.resume(returning: true) }
    }

    /// Waits until it happens.
    func wait() async { _ = await wait(until: nil) }

    /// Waits until it happens, at most `timeout`; whether it did.
    @discardableResult
    func wait(atMost timeout: Duration) async -> Bool { await wait(until: .now + timeout) }

    private func wait(until deadline: ContinuousClock.Instant?) async -> Bool {
        let (id, timer): (Int, Task<Void, Never>?) = state.withLock { state in
            state.nextWaiter += 1
            let id = state.nextWaiter
            guard let deadline else { return (id, nil) }
            return (
                id,
                Task {
                    // The deadline itself is the event that is waited for here.
                    try? await Task.sleep(until: deadline, clock: .continuous)
                    self.giveUp(id)
                }
            )
        }
        defer { timer?.cancel() }
        return await withUnsafeContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.isOpen { return true }
                if let deadline, deadline <= .now { return false }
                state.waiters[id] = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    private func giveUp(_ id: Int) {
        state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: false)
    }
}
