import CCurl
import Synchronization

/// What other threads hand to the driving thread.
///
/// The flag and the wake-up share one lock: the multi handle is gone soon after ``close()`` has been taken.
final class ClientInbox: Sendable {
    struct Content {
        var submitted: [Transfer] = []
        var cancelled: [Transfer] = []
        var isClosing = false
    }
    private struct State {
        var content = Content()
        var isOver = false
        /// The library's wake-up is written once for whatever is there.
        var isEmpty: Bool { content.submitted.isEmpty && content.cancelled.isEmpty && !content.isClosing }
    }

    private let state = Mutex(State())
    private nonisolated(unsafe) let multi: UnsafeMutableRawPointer

    init(_ multi: UnsafeMutableRawPointer) { self.multi = multi }

    /// False: the client is closed.
    func change(_ change: (inout Content) -> Void) -> Bool {
        state.withLock { state in
            guard !state.isOver, !state.content.isClosing else { return false }
            let mustWake = state.isEmpty
            change(&state.content)
            if mustWake { curl_multi_wakeup(multi) }
            return true
        }
    }

    /// What there is. After one that is closing, nothing more comes.
    func take() -> Content {
        state.withLock { state in
            defer { state.content = Content() }
            if state.content.isClosing { state.isOver = true }
            return state.content
        }
    }
}
