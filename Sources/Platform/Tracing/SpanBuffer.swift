import Primitives
import Synchronization

/// Finished spans that wait to be exported: whoever adds one never waits, and what is too many is dropped and counted.
public final class SpanBuffer: Sendable {
    /// How many spans wait at most: some 4 MB.
    public static let spansMaximum = 4_096
    /// How many are exported at once, at most.
    public static let batchMaximum = 512

    private struct State {
        var spans: [Span] = []
        /// Opened when so many spans are there.
        var waiter: (count: Int, once: Once<Void>)?
        var isClosed = false

        /// The waiter, if it has waited long enough.
        mutating func takeSatisfied() -> Once<Void>? {
            guard let known = waiter, isClosed || spans.count >= known.count else { return nil }
            waiter = nil
            return known.once
        }
    }

    private let metrics: TracingMetrics
    private let state = Mutex(State())

    public init(_ metrics: TracingMetrics) { self.metrics = metrics }

    /// How many spans wait.
    public var count: Int { state.withLock { $0.spans.count } }

    func add(_ span: Span) {
        let (isTaken, waiter) = state.withLock { state -> (Bool, Once<Void>?) in
            guard state.spans.count < Self.spansMaximum else { return (false, nil) }
            state.spans.append(span)
            return (true, state.takeSatisfied())
        }
        if !isTaken { metrics.dropped(1, .bufferFull) }
        waiter?.open()
    }

    /// Takes the oldest spans, ``batchMaximum`` at most; empty if none waits.
    public func take() -> [Span] {
        state.withLock { state in
            let batch = Array(state.spans.prefix(Self.batchMaximum))
            state.spans.removeFirst(batch.count)
            return batch
        }
    }

    /// Returns once there is a span, and then a whole batch or `timeout` has passed; or when the buffer is closed. For one waiter
    /// at a time. While nothing is traced it wakes nobody.
    public func wait(atMost timeout: Duration) async {
        await waiter(for: 1)?.wait()
        await waiter(for: Self.batchMaximum)?.wait(atMost: timeout)
    }

    /// nil if so many are there.
    private func waiter(for count: Int) -> Once<Void>? {
        state.withLock { state in
            let waiter = Once<Void>()
            state.waiter = (count, waiter)
            return state.takeSatisfied() == nil ? waiter : nil
        }
    }

    /// From now on ``wait(atMost:)`` returns at once. Spans are still taken.
    public func close() {
        let waiter = state.withLock { state in
            state.isClosed = true
            return state.takeSatisfied()
        }
        waiter?.open()
    }
}
