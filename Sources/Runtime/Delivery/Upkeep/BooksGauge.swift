import Intake
import Lifecycle
import Ledger
import Telemetry

/// Shows how many rows are in each state, and whether the books close. It counts all rows, so one process of a worker does
/// it, seldom, and the less often the longer it takes.
final class BooksGauge: Chore {
    private static let every = Duration.seconds(60)
    /// What counting may take of the time.
    private static let share = 100

    private let context: WorkerContext
    private let contact: LedgerContact
    private let rows: Gauge
    private let unaccounted: Gauge

    init(_ context: WorkerContext, _ contact: LedgerContact) {
        self.context = context
        self.contact = contact
        rows = context.metrics.gauge(
            "orderrelay_delivery_rows",
            "Rows of the ledger by state; one process of a worker counts them for all.",
            labels: ["worker", "destination", "state"])
        unaccounted = context.metrics.gauge(
            "orderrelay_delivery_unaccounted",
            "Planned rows that no state accounts for; 0 in closed books. One process of a worker counts them for all.",
            labels: ["worker", "destination"])
    }

    func perform() async -> Duration {
        do throws(LedgerError) {
            // Kept over the next count, which renews it.
            guard try await takeLease(for: Self.every * 2) else {
                rows.clear()
                unaccounted.clear()
                return context.random.about(Self.every)
            }
            let began = context.time.now
            let books = try await contact.ask { ledger throws(LedgerError) in
                try await ledger.books(of: context.worker)
            }
            let next = max(Self.every, (context.time.now - began) * Self.share)
            _ = try await takeLease(for: next * 2)
            for book in books { show(book) }
            return context.random.about(next)
        } catch { return context.random.about(Heartbeat.every) }
    }

    private func takeLease(for time: Duration) async throws(LedgerError) -> Bool {
        try await contact.ask { ledger throws(LedgerError) in
            try await ledger.takeLease(
                "books/\(context.worker)", owner: context.owner, milliseconds: time.milliseconds)
        }
    }

    private func show(_ book: DestinationBook) {
        for state in DeliveryState.allCases {
            rows.set(Double(book.rows[state] ?? 0), context.worker, book.destination.text, state.rawValue)
        }
        unaccounted.set(Double(book.unaccounted), context.worker, book.destination.text)
    }
}
