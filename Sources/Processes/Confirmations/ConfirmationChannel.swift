import Access
import Delivery
import Ledger
import Orders

/// A way to reach a buyer: e-mail, later others. A ``Notice`` has what is said and to whom; a channel sends it.
protocol ConfirmationChannel: Sendable {
    /// The destination of its rows in the ledger.
    static var destination: Destination { get }
    /// The buyer's address in this channel; nil if it is unknown.
    static func address(of buyer: Buyer) -> String?

    init(_ settings: ConfirmationsSettings, now: @escaping @Sendable () -> Timestamp)

    /// How many at once, in this process.
    var concurrency: Int { get }
    /// Sends the notice, within the attempt's time. Never throws: everything that can happen is an outcome.
    /// - Parameters:
    ///   - account: whose order it is; nil if there is no such account.
    ///   - attempt: if the same message is sent again, row and event are the same.
    func send(_ notice: Notice, from account: AccountRecord?, _ attempt: Attempt) async -> Outcome
    /// Lets what is under way finish, at most for `timeout`, and closes what is open.
    func close(timeout: Duration) async
}

/// The channels that this program supports.
enum ConfirmationChannels {
    static let all: [any ConfirmationChannel.Type] = [EmailChannel.self]
}
