import Delivery
import Ledger
import Orders

/// The receiver of the canary's orders: it has each at once, and calls nobody.
struct CanaryAdapter: Adapter {
    let kind = Destination.canary.text
    let timeout = Duration.seconds(5)
    let concurrency = 4
    /// Notes that an order has arrived.
    let arrived: @Sendable (Event) -> Void

    func attempt(_ attempt: Attempt) async -> Outcome {
        arrived(attempt.event)
        return .done(answer: "canary", receipt: [:])
    }
}
