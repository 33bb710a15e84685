public import Delivery
import HTTP
import Ledger
import Orders
import Outbound

/// The connections of each account, at most two seconds old.
typealias ConnectionCache = AgedCache<String, [Connection]>

/// Brings orders to one connection, for any kind of CRM.
public struct CRMAdapter: Adapter {
    struct Parts: Sendable {
        let connections: ConnectionCache
        let ledger: any OutboundLedger
        let client: Client
        let dialects: [any CRMDialect.Type]
        let kinds = ConnectionKinds()

        func dialect(_ kind: String) -> (any CRMDialect.Type)? { dialects.first { $0.kind == kind } }
    }

    public let timeout = Duration.seconds(20)
    public let concurrency = 16
    let connectionID: String
    let parts: Parts

    public var kind: String { parts.kinds.kind(of: connectionID) { connection?.kind } ?? Destination.unknownKind }

    private var connection: Connection? { parts.connections.lastKnown { $0.first { $0.id == connectionID } } }

    /// From the CRM's rate; nil if it has no limit, or the connection is not known.
    public var attemptsPerSecond: Int? {
        guard let connection, let limit = parts.dialect(connection.kind)?.rate(at: connection.url)
        else { return nil }
        return limit.rate.attemptsPerSecond(requestsPerAttempt: limit.requestsPerOrder)
    }

    public func attempt(_ attempt: Attempt) async -> Outcome {
        guard let order = OrderState.folding(attempt.history) else {
            return .permanent(why: "the order's creation is not among its events")
        }
        let connection: Connection?
        do {
            connection = try await parts.connections.value(attempt.event.account).first { $0.id == connectionID }
        } catch {
            return .retry(after: .seconds(5), why: "the connection could not be read from the ledger")
        }
        guard let connection else { return .declined(why: "the connection was removed") }
        parts.kinds.note(connection.kind, of: connection.id)
        guard connection.isEnabled else { return .configuration(why: "the connection is switched off") }
        guard let dialect = parts.dialect(connection.kind) else {
            return .configuration(why: "this version does not support CRMs of kind \(connection.kind)")
        }
        do throws(SealedSecretError) {
            let secret = try connection.openedSecret()
            return await bring(order, to: connection, dialect.fields(secret: secret), in: dialect, attempt)
        } catch { return .configuration(why: error.description) }
    }

    private func bring<Dialect: CRMDialect>(
        _ order: OrderState, to connection: Connection, _ fields: HeaderFields, in dialect: Dialect.Type,
        _ attempt: Attempt
    ) async -> Outcome {
        let session = OutboundSession(
            parts.client, address: connection.url, fields: fields, deadline: .now + min(attempt.timeout, timeout),
            span: attempt.span)
        let notes = ConnectionNotes(parts.ledger, connection: connection.id, delivery: attempt.delivery)
        return await CRMProcedure(dialect.init(order, connection, session), order, notes, attempt).outcome()
    }
}
