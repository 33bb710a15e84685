import Crypto
import Ledger
import Lifecycle
import Synchronization
import Telemetry

/// Opens the ledger for a long-running process: waits, saying so, while another program has it locked or the file system is
/// full; closes it after all who use it have stopped.
final class LedgerOpening: Service {
    let name = "ledger"
    private let base: Base
    private let url: String
    private let sealing: SealingKey?
    private let line: Waiting
    private let state = Mutex<(ledger: Ledger?, waiting: String)>((nil, "not opened yet"))

    init(_ base: Base, url: String, sealing: SealingKey?) {
        self.base = base
        self.url = url
        self.sealing = sealing
        line = Waiting(for: "the ledger", log: base.log)
    }

    /// The ledger; only after the start.
    var opened: Ledger { state.withLock { $0.ledger! } }

    var notReady: String? { state.withLock { $0.ledger == nil ? $0.waiting : nil } }

    func start() async throws {
        var failures = 0
        while true {
            do {
                let ledger = try await base.openLedger(url: url, sealing: sealing)
                state.withLock { $0.ledger = ledger }
                return line.ends()
            } catch let error as LedgerError where error.isRetriable {
                failures += 1
                state.withLock { $0.waiting = "waits for the ledger: \(error)" }
                line.goesOn("\(error)", reason: "\(error.code)")
                let delay = RetryPolicy.dependency.delay(afterFailures: failures, random: .system)
                try await Task.sleep(for: delay)
            }
        }
    }

    func stop(by deadline: ContinuousClock.Instant) async { await state.withLock { $0.ledger }?.close() }
}
