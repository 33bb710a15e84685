import Synchronization

/// A clock that the tests own.
final class TestClock: Sendable {
    private let time: Atomic<Int64>
    /// How much it goes on by itself at each reading.
    private let step: Int64

    init(_ milliseconds: Int64 = 1_000_000, step: Int64 = 0) {
        time = Atomic(milliseconds)
        self.step = step
    }

    var now: @Sendable () -> Int64 { { self.time.wrappingAdd(self.step, ordering: .relaxed).oldValue } }
    func advance(_ milliseconds: Int64) { time.wrappingAdd(milliseconds, ordering: .relaxed) }
}
