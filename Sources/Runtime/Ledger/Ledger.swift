public import Access
public import Crypto
public import Database
public import Orders

/// What went wrong with the ledger.
public struct LedgerError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// Another owner has moved the position: this one must stop reading the partition and ask again.
        case fenced
        /// The database is away, locked or full; the same may succeed later. A commit's outcome may be unknown.
        case unavailable
        /// No such account, token, connection …
        case notFound
        case other
    }
    public let code: Code
    public let message: String
    public var isRetriable: Bool { code == .unavailable }
    public var description: String { message }
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// The books: what was taken in, what was done about it, and how the relay is configured.
///
/// The verbs are the product's; the SQL of each stands in the folder `Statements`.
public final class Ledger: Sendable {
    /// - Parameter sealing: opens and seals connections' secrets; nil: `SECRETS_KEY` is not set, they cannot be used.
    public init(database: any Database, sealing: SealingKey?) { fatalError("to be written") }
    /// Brings the schema up to date.
    public func migrate() async throws(LedgerError) { fatalError("to be written") }
    public func close() async { fatalError("to be written") }
}

// MARK: Intake
extension Ledger {
    /// The worker's position, made with `base` where there is none yet.
    public func position(of worker: String, in source: LogPartition, base: Int64) async throws(LedgerError) -> Position { fatalError("to be written") }
    /// nil where the worker has never read the partition.
    public func position(of worker: String, in source: LogPartition) async throws(LedgerError) -> Position? { fatalError("to be written") }
    /// Which of these events the worker knows, with their digests (nil for poison).
    public func known(_ eventIDs: [String], to worker: String) async throws(LedgerError) -> [String: Digest?] { fatalError("to be written") }
    /// Takes a batch in: events, delivery rows, read model, books and position in one transaction. Returns the rows that
    /// are leased to the batch's owner, ready to be attempted.
    public func takeIn(_ batch: IntakeBatch) async throws(LedgerError) -> [LeasedDelivery] { fatalError("to be written") }
}

// MARK: Deliveries
extension Ledger {
    /// Leases at most `limit` due rows of a destination to `owner`, oldest due first, none whose key has an earlier open row.
    public func takeDue(worker: String, destination: String, limit: Int, owner: String) async throws(LedgerError) -> [LeasedDelivery] { fatalError("to be written") }
    /// The destinations of a worker that have pending rows, with the time of their earliest due row.
    public func pendingDestinations(of worker: String) async throws(LedgerError) -> [(destination: String, dueAt: Timestamp)] { fatalError("to be written") }
    /// Writes outcomes, each only under the owner and lease number it was taken with; returns the ids that were written.
    public func complete(_ completions: [Completion], owner: String) async throws(LedgerError) -> Set<Int64> { fatalError("to be written") }
    /// Prolongs leases still held; returns the ids that were.
    public func renew(_ deliveries: [LeasedDelivery], owner: String) async throws(LedgerError) -> Set<Int64> { fatalError("to be written") }
    /// Turns rows with expired leases into pending ones with unknown outcome, or parks them (three leases without an
    /// attempt: "worker died with it"). Returns how many of each.
    public func rescueExpired(worker: String) async throws(LedgerError) -> (rescued: Int, parked: Int) { fatalError("to be written") }
    /// Rows leased to `owner` now: what counts after a commit with unknown outcome.
    public func leased(to owner: String, worker: String) async throws(LedgerError) -> [LeasedDelivery] { fatalError("to be written") }
    /// The event of a row, as the worker took it in.
    public func event(_ id: String, worker: String) async throws(LedgerError) -> StoredEvent? { fatalError("to be written") }
    /// All events of a key that the worker took in, in order, conflicts left out: from these a worker folds an order's state.
    public func events(ofKey key: String, worker: String) async throws(LedgerError) -> [StoredEvent] { fatalError("to be written") }
    /// Dead rows not yet copied to `dead-letters`.
    public func deadLetters(worker: String, limit: Int) async throws(LedgerError) -> [DeadLetter] { fatalError("to be written") }
    public func markCopied(_ ids: [Int64]) async throws(LedgerError) { fatalError("to be written") }
    /// The books of every destination of a worker.
    public func books(of worker: String) async throws(LedgerError) -> [DestinationBook] { fatalError("to be written") }
}

// MARK: What callers see
extension Ledger {
    public func order(_ id: OrderID, account: String) async throws(LedgerError) -> OrderRow? { fatalError("to be written") }
    /// Present rows of several orders, for `analytics` to change.
    public func orders(_ ids: [OrderID]) async throws(LedgerError) -> [OrderID: OrderRow] { fatalError("to be written") }
    public func orders(_ filter: OrderFilter) async throws(LedgerError) -> OrderPage { fatalError("to be written") }
    /// The state of each delivery of these orders, by worker and destination.
    public func deliveryStates(of ids: [OrderID]) async throws(LedgerError) -> [OrderID: [(worker: String, destination: String, state: String)]] { fatalError("to be written") }
    /// Oldest first; empty where no worker has seen the order yet.
    public func timeline(of id: OrderID, account: String) async throws(LedgerError) -> [TimelineEntry] { fatalError("to be written") }
    /// Buckets summed over partitions, ascending by minute.
    public func statistics(_ filter: StatisticsFilter) async throws(LedgerError) -> [(key: StatisticsKey, value: Statistics)] { fatalError("to be written") }
    /// Distinct buyers in a range of UTC days.
    public func uniqueBuyers(account: String, days: Range<Int64>) async throws(LedgerError) -> Int { fatalError("to be written") }
}

/// A CRM or other program that an account is connected to.
public struct Connection: Sendable, Equatable {
    public var id: String
    public var account: String
    /// `hubspot` …
    public var kind: String
    public var url: String
    /// Opened; never logged.
    public var secret: String
    public var isEnabled: Bool
    /// Only events younger than this go there.
    public var since: Timestamp
    public init(id: String, account: String, kind: String, url: String, secret: String, isEnabled: Bool = true, since: Timestamp) {
        self.id = id
        self.account = account
        self.kind = kind
        self.url = url
        self.secret = secret
        self.isEnabled = isEnabled
        self.since = since
    }
}

/// A change on its way to topic `control`.
public struct OutboxEntry: Sendable {
    public var id: Int64
    public var key: String
    /// nil: a tombstone.
    public var value: [UInt8]?
}

// MARK: Configuration
extension Ledger {
    /// Each of these writes the truth and its outbox entry in one transaction.
    public func put(_ account: AccountRecord) async throws(LedgerError) { fatalError("to be written") }
    public func put(_ token: TokenRecord) async throws(LedgerError) { fatalError("to be written") }
    public func account(_ id: String) async throws(LedgerError) -> AccountRecord? { fatalError("to be written") }
    public func accounts() async throws(LedgerError) -> [AccountRecord] { fatalError("to be written") }
    public func token(_ id: String) async throws(LedgerError) -> TokenRecord? { fatalError("to be written") }
    public func tokens(account: String?) async throws(LedgerError) -> [TokenRecord] { fatalError("to be written") }
    public func put(_ connection: Connection) async throws(LedgerError) { fatalError("to be written") }
    /// Of one account, or all; secrets opened.
    public func connections(account: String?) async throws(LedgerError) -> [Connection] { fatalError("to be written") }

    /// Takes the named lease for `milliseconds`, or prolongs it; false where another owner holds it.
    public func takeLease(_ name: String, owner: String, milliseconds: Int64) async throws(LedgerError) -> Bool { fatalError("to be written") }
    public func outbox(limit: Int) async throws(LedgerError) -> [OutboxEntry] { fatalError("to be written") }
    public func removeFromOutbox(_ ids: [Int64]) async throws(LedgerError) { fatalError("to be written") }
    /// Puts every account and token into the outbox again: for the embedded broker, whose topics begin empty.
    public func republishControl() async throws(LedgerError) { fatalError("to be written") }

    /// The id that a CRM gave to something of ours; nil where none is known.
    public func link(connection: String, ours: String) async throws(LedgerError) -> String? { fatalError("to be written") }
    public func putLink(connection: String, ours: String, theirs: String) async throws(LedgerError) { fatalError("to be written") }

    /// Notes a heartbeat of a process; forgets those older than a minute.
    public func heartbeat(process: String, worker: String) async throws(LedgerError) { fatalError("to be written") }
    /// How many processes of a worker have a heartbeat younger than 15 s.
    public func liveProcesses(of worker: String) async throws(LedgerError) -> Int { fatalError("to be written") }
}
