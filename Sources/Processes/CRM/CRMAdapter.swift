public import Delivery
import HTTP
import Ledger
import Orders

/// One order, as a CRM is to have it, and all that is needed to bring it there.
struct CRMJob: Sendable {
    var order: OrderState
    /// Whether an earlier attempt may have been taken: look before repeating.
    var isOutcomeUnknown: Bool
    /// Unique to this attempt: what it leases is its own by this name.
    var owner: String
    var connection: Connection
    var books: any CRMBooks
    var client: Client
    /// The attempt must have ended then.
    var deadline: ContinuousClock.Instant
}

/// A kind of CRM: knows how one order becomes what that CRM calls a contact and a deal.
protocol CRMKind: Sendable {
    /// As connections name it.
    static var name: String { get }
    /// Requests that one attempt needs at most, and how many a second the CRM takes at this address; nil: no such limit.
    static func attemptsPerSecond(at url: String) -> Int?
    /// Brings the order's present state there. Never throws: everything that can happen is an outcome.
    static func bring(_ job: CRMJob) async -> Outcome
}

/// The kinds of CRMs that this program knows.
enum CRMKinds {
    private static let all: [any CRMKind.Type] = [HubSpot.self]
    static let names = Set(all.map { $0.name })
    static func kind(_ name: String) -> (any CRMKind.Type)? { all.first { $0.name == name } }
}

/// Brings orders to one connection, whatever kind of CRM it is.
public struct CRMAdapter: Adapter {
    struct Parts: Sendable {
        let connections: ConnectionCache
        let books: any CRMBooks
        let client: Client
    }

    public let timeout = Duration.seconds(20)
    public let concurrency = 16
    let connectionID: String
    let parts: Parts

    public var attemptsPerSecond: Int? {
        guard let connection = parts.connections.lastKnown(connectionID) else { return nil }
        return CRMKinds.kind(connection.kind)?.attemptsPerSecond(at: connection.url)
    }

    public func attempt(_ attempt: Attempt) async -> Outcome {
        guard let order = OrderState.folding(attempt.history) else {
            return .permanent(why: "the order's creation is not among its events")
        }
        let connection: Connection?
        do {
            connection = try await parts.connections.of(attempt.event.account).first { $0.id == connectionID }
        } catch {
            return .retry(after: .seconds(5), why: "the connection could not be read from the ledger")
        }
        guard let connection else { return .declined(why: "the connection was removed") }
        guard connection.isEnabled else { return .configuration(why: "the connection is switched off") }
        guard let kind = CRMKinds.kind(connection.kind) else {
            return .configuration(why: "this version knows no CRM of kind \(connection.kind)")
        }
        return await kind.bring(
            CRMJob(
                order: order, isOutcomeUnknown: attempt.delivery.isOutcomeUnknown,
                owner: "\(attempt.delivery.id)/\(attempt.delivery.leaseNumber)", connection: connection,
                books: parts.books,
                client: parts.client, deadline: .now + min(attempt.timeout, timeout)))
    }
}
