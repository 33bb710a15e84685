import Glibc
import Synchronization

/// How a thread that waits inside a connection is made to stop: the flag ends connecting, and shutting its socket down
/// ends a conversation.
final class AbandonFlag: Sendable {
    private struct State {
        var isSet = false
        var socket: Int32?
    }
    private let state = Mutex(State())

    var isSet: Bool { state.withLock { $0.isSet } }

    /// From now on `set` shuts this socket down; false if it was set already.
    func watch(_ socket: Int32) -> Bool {
        state.withLock { state in
            state.socket = socket
            return !state.isSet
        }
    }

    /// To be called before the socket is closed: its number may then be another's.
    func unwatch() { state.withLock { $0.socket = nil } }

    func set() {
        state.withLock { state in
            state.isSet = true
            if let socket = state.socket { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }
}
