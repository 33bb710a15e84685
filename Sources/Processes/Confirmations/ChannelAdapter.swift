import Access
public import Delivery
import Ledger
import Orders
import Outbound

/// Confirms by one channel: folds the order from its history, decides whether its buyer gets a notice, and has the
/// channel send it.
public struct ChannelAdapter: Adapter {
    public var kind: String { type(of: channel).destination.text }
    public let timeout = Duration.seconds(20)
    public var concurrency: Int { channel.concurrency }

    /// Otherwise a receiver that accepts messages and never answers would send the buyer the same one for days.
    private static let attemptsWithUnknownOutcomeMaximum = 5

    let channel: any ConfirmationChannel
    let accounts: AgedCache<String, AccountRecord?>

    public func attempt(_ attempt: Attempt) async -> Outcome {
        let attempts = attempt.delivery.attempt
        if attempt.delivery.isOutcomeUnknown, attempts >= Self.attemptsWithUnknownOutcomeMaximum {
            return .permanent(
                why: "may have been delivered: given up after \(attempts) attempts, the last without an answer")
        }
        switch Notice.deciding(attempt.event, history: attempt.history, by: type(of: channel)) {
        case .declined(let reason): return .declined(why: reason.text)
        case .undecided: return .declined(why: Notice.Reason.unknownOrder.text)
        case .tell(let notice):
            do {
                return await channel.send(notice, from: try await accounts.value(notice.order.account), attempt)
            } catch { return .retry(after: nil, why: "the account cannot be read at the moment") }
        }
    }
}
