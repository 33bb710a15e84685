import Synchronization

/// A value that is given once, to those who wait already and those who ask later.
public final class Once<Value: Sendable>: Sendable {
    private enum State {
        case open(listeners: [Int: @Sendable (Value) -> Void])
        case given(Value)
    }

    private let state = Mutex(State.open(listeners: [:]))
    private let numbers = Atomic(0)

    public init() {}

    /// Gives the value; later values are dropped.
    ///
    /// - Returns: whether this call was the first.
    @discardableResult
    public func give(_ value: Value) -> Bool {
        let listeners: [Int: @Sendable (Value) -> Void]? = state.withLock { state in
            guard case .open(let listeners) = state else { return nil }
            state = .given(value)
            return listeners
        }
        guard let listeners else { return false }
        for listener in listeners.values { listener(value) }
        return true
    }

    /// The value; nil if it has not been given yet.
    public var given: Value? {
        state.withLock { state in
            if case .given(let value) = state { value } else { nil }
        }
    }

    /// Calls `listener` with the value: now, on this thread, if it was given already, else on the thread that gives it.
    public func then(_ listener: @escaping @Sendable (Value) -> Void) { _ = listen(listener) }

    /// Returns once it is given.
    public var value: Value {
        get async {
            await withCheckedContinuation { continuation in then { continuation.resume(returning: $0) } }
        }
    }

    /// Returns once it is given, or nil after `timeout`.
    public func value(atMost timeout: Duration) async -> Value? {
        if let given { return given }
        let first = Once<Value?>()
        let number = listen { first.give($0) }
        let timer = Task {
            // The deadline itself is what is waited for here.
            try? await Task.sleep(for: timeout)
            first.give(nil)
        }
        let value = await first.value
        timer.cancel()
        forget(number)
        return value
    }

    private func listen(_ listener: @escaping @Sendable (Value) -> Void) -> Int {
        let number = numbers.add(1, ordering: .relaxed).newValue
        let given: Value? = state.withLock { state in
            switch state {
            case .given(let value): return value
            case .open(var listeners):
                // Taken out, so that the dictionary is changed in its place.
                state = .open(listeners: [:])
                listeners[number] = listener
                state = .open(listeners: listeners)
                return nil
            }
        }
        if let given { listener(given) }
        return number
    }

    private func forget(_ number: Int) {
        state.withLock { state in
            guard case .open(var listeners) = state else { return }
            listeners[number] = nil
            state = .open(listeners: listeners)
        }
    }
}

extension Once where Value == Void {
    /// Lets all continue who wait, now or later.
    public func open() { give(()) }

    /// Whether it has been opened.
    public var isOpen: Bool { given != nil }

    /// Returns once it is open.
    public func wait() async { await value }

    /// Returns once it is open, or after `timeout`; the result is whether it is open.
    @discardableResult
    public func wait(atMost timeout: Duration) async -> Bool { await value(atMost: timeout) != nil }
}
