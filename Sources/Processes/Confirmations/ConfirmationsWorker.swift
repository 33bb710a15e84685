public import Access
public import Delivery
public import Ledger
public import Orders
import Outbound

/// The parts of the worker `confirmations`, to be driven by intake and delivery.
public struct ConfirmationsWorker: Sendable {
    public let planner = ConfirmationsPlanner()
    private let adapters: [Destination: ChannelAdapter]

    /// - Parameters:
    ///   - account: reads an account by its id from the ledger; nil if it does not exist. Called at most every 2 s for
    ///     each.
    ///   - now: the time, for the messages' dates.
    public init(
        _ settings: ConfirmationsSettings, account: @escaping @Sendable (String) async throws -> AccountRecord?,
        now: @escaping @Sendable () -> Timestamp
    ) {
        let accounts = AgedCache(read: account)
        adapters = Dictionary(
            uniqueKeysWithValues: ConfirmationChannels.all.map { channel in
                (channel.destination, ChannelAdapter(channel: channel.init(settings, now: now), accounts: accounts))
            })
    }

    /// The adapter of a destination; nil if it is not a channel.
    public func adapter(for destination: Destination) -> (any Adapter)? { adapters[destination] }

    /// Lets messages under way finish, for at most `timeout`, and closes the connections to mail servers.
    public func close(timeout: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            for adapter in adapters.values { group.addTask { await adapter.channel.close(timeout: timeout) } }
        }
    }
}
