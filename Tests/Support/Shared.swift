import Synchronization

/// A value that the test changes while others read it.
package final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    package init(_ value: Value) { self.value = Mutex(value) }
    package var now: Value {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
    package func change<R: Sendable>(_ body: (inout Value) -> R) -> R { value.withLock { body(&$0) } }
}
