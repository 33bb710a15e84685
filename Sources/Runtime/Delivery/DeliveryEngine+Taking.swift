import Ledger
import Lifecycle
import Orders
import Synchronization
import Telemetry

extension DeliveryEngine {
    /// Starts the takes that wait, as many as may be under way.
    func pumpTakes() {
        while let next = nextTake() {
            Task { await take(next.destination, limit: next.limit) }
        }
    }

    private func nextTake() -> (destination: String, limit: Int)? {
        state.withLock { state in
            guard state.takes < Self.takesMax, !state.takeQueue.isEmpty else { return nil }
            state.takes += 1
            return state.takeQueue.removeFirst()
        }
    }

    private func take(_ destination: String, limit: Int) async {
        let adapter = parts.adapters(destination)
        let sentAt = now
        var rows: [LeasedDelivery] = []
        var failure: LedgerError?
        if adapter != nil, !state.withLock({ $0.isStopping }) {
            do throws(LedgerError) {
                rows = try await parts.ledger.takeDue(
                    worker: parts.worker, destination: destination, limit: limit, owner: parts.owner)
                heard(nil)
            } catch {
                failure = error
                heard(error)
            }
        }
        finishTake(destination, limit: limit, rows, failure, Lease(since: sentAt), adapter)
        if !rows.isEmpty { wake(.renew, at: Lease(since: sentAt).renewAt) }
        state.withLock { $0.takes -= 1 }
        pumpTakes()
        tellIfIdle()
    }

    private func finishTake(
        _ destination: String, limit: Int, _ rows: [LeasedDelivery], _ failure: LedgerError?, _ lease: Lease,
        _ adapter: (any Adapter)?
    ) {
        let now = now
        let retryAt = state.withLock { state -> ContinuousClock.Instant in
            state.takeFailures = failure == nil ? 0 : state.takeFailures + 1
            if failure?.code == .unavailable { state.mayHoldUnknown = true }
            if let adapter { state.lanes[destination]?.adapter = adapter }
            return now + RetryPolicy.dependency.delay(afterFailures: max(1, state.takeFailures), random: parts.random)
        }
        with(destination) { lane in
            lane.set(adapter.map { Lane.Limits($0) })
            if failure != nil {
                lane.takeFailed(retryAt: retryAt)
            } else {
                lane.took(rows, limit: limit, lease: lease, at: now)
            }
        }
    }
}
