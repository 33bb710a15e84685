import Synchronization

/// The first of several things to happen, for one who waits. The others go on unawaited: a service that hangs cannot
/// keep the process from ending.
final class Race: Sendable {
    enum Winner: Sendable {
        case signal(Int32)
        case failed, stopped, timedOut
    }
    private enum State {
        case open
        case awaited(CheckedContinuation<Winner, Never>)
        case won(Winner)
    }
    private let state = Mutex(State.open)

    func won(by winner: Winner) {
        let waiting: CheckedContinuation<Winner, Never>? = state.withLock { state in
            switch state {
            case .won: return nil
            case .open:
                state = .won(winner)
                return nil
            case .awaited(let continuation):
                state = .won(winner)
                return continuation
            }
        }
        waiting?.resume(returning: winner)
    }

    func winner() async -> Winner {
        await withCheckedContinuation { continuation in
            let already: Winner? = state.withLock { state in
                if case .won(let winner) = state { return winner }
                state = .awaited(continuation)
                return nil
            }
            if let already { continuation.resume(returning: already) }
        }
    }
}
