internal import CLibrdkafka
internal import Glibc
internal import Primitives
internal import Synchronization

/// Delays the embedded broker's answers while nobody sends a record, so that readers at rest ask it rarely.
///
/// A real broker answers a waiting fetch when a record comes. The library's mock cluster (2.0.2) holds an empty fetch for as
/// long as its client lets it wait, whatever comes. So clients let it wait for a moment only, and what is long at rest is the
/// round-trip time that the mock cluster plays for every answer: this delay can be lifted, for answers that are held too.
final class IdleDelay: Sendable {
    /// How long a fetch that finds nothing may wait for a record; what a record may wait for its reader.
    static let fetchWaitMilliseconds = 5
    /// Four readers ask 16 times a second with it, and 800 times without. A request at rest takes so much longer.
    static let delayMilliseconds: Int32 = 250
    /// How long after a record was sent there is no delay: for what the record leads to. And for longer than an answer was
    /// delayed: the mock cluster's timer of an answer that is let go early still runs, and the next answer on that connection
    /// would wait for it, if the round-trip time were not set again.
    private static let liftedMilliseconds = Int64(delayMilliseconds) + 100
    /// Joining a group takes 3 s here, and many requests one after the other.
    private static let liftedAtStartMilliseconds: Int64 = 8000

    private struct State {
        /// On the boot clock.
        var liftedUntil: Int64
        /// Whether a thread is at it.
        var isLifted = false

        var isToBeLifted: Bool { liftedUntil > MachineClock.boot.milliseconds }
    }
    /// nil: stopped.
    private let cluster: Mutex<MockCluster?>
    private let state: Mutex<State>

    init(of cluster: MockCluster) {
        self.cluster = Mutex(cluster)
        state = Mutex(State(liftedUntil: MachineClock.boot.milliseconds + Self.liftedAtStartMilliseconds))
        lift()
    }

    /// Whether answers come at once.
    var isLifted: Bool { state.withLock { $0.isLifted } }

    /// A record is about to be sent.
    func lift() {
        let until = MachineClock.boot.milliseconds + Self.liftedMilliseconds
        let isFirst = state.withLock { state in
            state.liftedUntil = max(state.liftedUntil, until)
            defer { state.isLifted = true }
            return !state.isLifted
        }
        // A thread, since each call waits for the mock cluster's own.
        if isFirst { startThread("kafka-lift") { self.keepLifted() } }
    }

    private func keepLifted() {
        repeat {
            while state.withLock({ $0.isToBeLifted }) {
                guard answer(lateBy: 0) else { return }
                usleep(UInt32(Self.fetchWaitMilliseconds) * 1000)
            }
            guard answer(lateBy: Self.delayMilliseconds) else { return }
        } while !endsLifting()
    }

    /// False where a record was sent meanwhile.
    private func endsLifting() -> Bool {
        state.withLock { state in
            state.isLifted = state.isToBeLifted
            return !state.isLifted
        }
    }

    /// False once stopped.
    private func answer(lateBy milliseconds: Int32) -> Bool {
        cluster.withLock { cluster in
            guard let cluster else { return false }
            rd_kafka_mock_broker_set_rtt(cluster.mock, -1, milliseconds)
            return true
        }
    }

    /// Lets go of the cluster; a call on it is waited for.
    func stop() { cluster.withLock { $0 = nil } }
}
