import Synchronization

/// Something that happens once; everyone who asked is told, also who asks afterwards.
final class Signal: Sendable {
    private enum State {
        case open([@Sendable () -> Void])
        case given
    }
    private let state = Mutex(State.open([]))

    func give() {
        let listeners = state.withLock { state -> [@Sendable () -> Void] in
            guard case .open(let listeners) = state else { return [] }
            state = .given
            return listeners
        }
        for listener in listeners { listener() }
    }

    func then(_ listener: @escaping @Sendable () -> Void) {
        let isGiven = state.withLock { state in
            guard case .open(let listeners) = state else { return true }
            state = .open(listeners + [listener])
            return false
        }
        if isGiven { listener() }
    }
}
