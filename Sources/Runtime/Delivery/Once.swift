import Synchronization

/// A value that is given once and awaited once; what is given later is dropped.
final class Once<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case awaited(CheckedContinuation<Value, Never>)
        case given(Value)
        case done
    }
    private let state = Mutex(State.empty)

    /// Whether this call was the one that gave it.
    @discardableResult
    func give(_ value: Value) -> Bool {
        let (isFirst, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
            switch state {
            case .empty:
                state = .given(value)
                return (true, nil)
            case .awaited(let waiter):
                state = .done
                return (true, waiter)
            case .given, .done: return (false, nil)
            }
        }
        waiter?.resume(returning: value)
        return isFirst
    }

    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let value = state.withLock { state -> Value? in
                    switch state {
                    case .empty:
                        state = .awaited(continuation)
                        return nil
                    case .given(let value):
                        state = .done
                        return value
                    case .awaited, .done: preconditionFailure("a value is awaited once")
                    }
                }
                if let value { continuation.resume(returning: value) }
            }
        }
    }
}
