internal import Synchronization

/// Records that were sent together, and whoever waits for the answers to all of them.
final class SendBatch: Sendable {
    private struct State {
        var results: [SendResult?]
        var missing: Int
        var continuation: UnsafeContinuation<[SendResult], Never>?
    }
    private let state: Mutex<State>

    init(count: Int, _ continuation: UnsafeContinuation<[SendResult], Never>) {
        state = Mutex(
            State(results: [SendResult?](repeating: nil, count: count), missing: count, continuation: continuation))
    }

    /// The answer to one of them; the last one resumes whoever waits.
    func answer(_ index: Int, _ result: SendResult) {
        let finished: (UnsafeContinuation<[SendResult], Never>, [SendResult])? = state.withLock { state in
            state.results[index] = result
            state.missing -= 1
            guard state.missing == 0, let continuation = state.continuation else { return nil }
            state.continuation = nil
            return (continuation, state.results.map { $0! })
        }
        if let (continuation, results) = finished { continuation.resume(returning: results) }
    }
}
