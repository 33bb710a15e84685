public import Access
public import Delivery
import Mail
public import Orders

/// The parts of the worker `confirmations`, ready to be driven by intake and delivery.
public struct ConfirmationsWorker: Sendable {
    public let planner = ConfirmationsPlanner()
    private let email: EmailAdapter
    private let client: SMTPClient

    /// - Parameters:
    ///   - account: the account with an id, from the ledger; nil where there is none. Asked at most every 2 s for each.
    ///   - now: the time, for the messages' dates.
    public init(
        _ settings: ConfirmationsSettings, account: @escaping @Sendable (String) async throws -> AccountRecord?,
        now: @escaping @Sendable () -> Timestamp
    ) {
        client = SMTPClient(settings.smtp)
        let accounts = AccountCache(account)
        email = EmailAdapter(
            client: client, from: settings.from, connections: settings.smtp.connectionsMaximum,
            account: { try await accounts.account($0) }, now: now)
    }

    /// The adapter of a destination; nil where there is none of that name.
    public func adapter(for destination: String) -> (any Adapter)? {
        destination == ConfirmationsPlanner.email ? email : nil
    }

    /// Lets messages under way finish, at most for `timeout`, and closes the connections to the mail server.
    public func close(timeout: Duration) async { await client.close(timeout: timeout) }
}
