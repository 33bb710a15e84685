import Orders
import Synchronization

/// A database's clock that the test owns.
package final class ManualClock: Sendable {
    private let time: Atomic<Int64>
    /// How many milliseconds it goes on by itself at each reading.
    private let step: Int64

    package init(_ milliseconds: Int64 = epoch.milliseconds, step: Int64 = 0) {
        time = Atomic(milliseconds)
        self.step = step
    }

    package var now: @Sendable () -> Int64 { { self.time.wrappingAdd(self.step, ordering: .relaxed).oldValue } }
    package func advance(_ milliseconds: Int64) { time.wrappingAdd(milliseconds, ordering: .relaxed) }
}
