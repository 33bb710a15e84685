import Intake
import Ledger
import Lifecycle
import Telemetry

/// Makes the steps of the worker's replays. One process of a worker does it; where that ends, another goes on.
final class Replayer: Chore {
    private static let every = Duration.seconds(5)
    /// For how long the lease is taken: a step takes some milliseconds.
    private static let lease = Duration.seconds(15)
    /// The longest pause between two steps: a rate may be raised, or a replay be made, meanwhile.
    private static let pauseMaximum = Duration.seconds(1)

    private let context: WorkerContext
    private let contact: LedgerContact
    private let lanes: Lanes
    private let metrics: UpkeepMetrics

    init(_ context: WorkerContext, _ contact: LedgerContact, _ lanes: Lanes, _ metrics: UpkeepMetrics) {
        self.context = context
        self.contact = contact
        self.lanes = lanes
        self.metrics = metrics
    }

    func perform() async -> Duration {
        do throws(LedgerError) {
            return try await contact.ask { ledger throws(LedgerError) in
                // Most of the time there is none, and nothing is written.
                guard try await ledger.hasOpenReplay(of: context.worker), try await takeLease(ledger) else {
                    return context.random.about(Self.every)
                }
                return pause(after: try await ledger.stepReplays(of: context.worker))
            }
        } catch { return context.random.about(Self.every) }
    }

    private func takeLease(_ ledger: Ledger) async throws(LedgerError) -> Bool {
        try await ledger.takeLease(
            "replays/\(context.worker)", owner: context.owner, milliseconds: Self.lease.milliseconds)
    }

    private func pause(after step: ReplayStep) -> Duration {
        switch step {
        case .nothing: return context.random.about(Self.every)
        case .overtaken: return .milliseconds(100)
        case .waits(let milliseconds): return min(Self.pauseMaximum, .milliseconds(milliseconds))
        case .done(let replay, let destination, let fates):
            for (fate, count) in fates { metrics.replays.add(count, context.worker, fate.rawValue) }
            if fates[.replayed] != nil {
                // This process need not wait for its next look.
                lanes.change(destination) { [now = context.time.now] lane in
                    lane.noticed(dueAt: now)
                    lane.hasHeldBack = true
                }
                context.log.debug(
                    "rows are replayed",
                    ["replay": replay, "destination": destination.text, "count": "\(fates[.replayed] ?? 0)"])
            }
            return .zero
        }
    }
}
