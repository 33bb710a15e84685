package import Ledger
import Synchronization

/// What a worker's parts have seen of the ledger's beat.
public final class LedgerBeat: Sendable {
    private struct State {
        var age = LedgerAge()
        /// Called once.
        var restored: (@Sendable (LedgerAge) -> Void)?
    }

    private let state = Mutex(State())

    init() {}

    public var age: LedgerAge { state.withLock { $0.age } }

    /// Calls `body` once, when the ledger turns out to be a restored one.
    package func whenRestored(_ body: @escaping @Sendable (LedgerAge) -> Void) {
        state.withLock { $0.restored = body }
    }

    /// The ledger has told its beat.
    ///
    /// - Returns: what is known now.
    @discardableResult
    package func saw(_ beat: Int64) -> LedgerAge {
        let (age, restored) = state.withLock { state in
            state.age.saw(beat)
            guard state.age.isRestored else { return (state.age, nil as (@Sendable (LedgerAge) -> Void)?) }
            defer { state.restored = nil }
            return (state.age, state.restored)
        }
        restored?(age)
        return age
    }

    /// A beat stands beside a position on Kafka.
    package func heard(_ beat: Int64) { state.withLock { $0.age.heard(beat) } }

    /// Asks the ledger.
    @discardableResult
    package func look(at ledger: Ledger) async throws(LedgerError) -> LedgerAge { saw(try await ledger.beat()) }
}
