public import Crypto
public import Database
public import Orders
import Synchronization

/// The books: what was taken in, what was done about it, and how the relay is configured.
///
/// The verbs are the product's; the SQL of each stands in the folder `Statements`.
public final class Ledger: Sendable {
    let database: any Database
    let sealing: SealingKeys?
    /// nil: the database was open when it was given.
    let opening: LaterDatabase?
    /// How often a row had no partition to lie in.
    let latePeriods = Atomic<Int64>(0)
    private let hasMigrated = Atomic(false)

    /// - Parameter sealing: opens and seals connections' secrets; nil: `SECRETS_KEY` is not set, they cannot be used.
    public init(database: any Database, sealing: SealingKeys?) {
        self.database = database
        self.sealing = sealing
        opening = database as? LaterDatabase
    }

    /// Brings the schema up to date. Several processes may do so at once.
    public func migrate() async throws(LedgerError) {
        do throws(DatabaseError) {
            _ = try await database.migrate(Schema.migrations)
        } catch { throw LedgerError(error) }
        hasMigrated.store(true, ordering: .releasing)
    }

    /// Whether ``migrate()`` has brought its schema up to date in this process: before that nothing can be asked of it.
    public var isUpToDate: Bool { hasMigrated.load(ordering: .acquiring) }

    /// When a worker last moved the beat; nil where none ever did.
    public func lastBeat() async throws(LedgerError) -> Timestamp? {
        guard let row = try await read(ConfigurationStatements.beatMovedAt).first else { return nil }
        var reader = RowReader(row, "the beat")
        return Timestamp(milliseconds: try reader.integer())
    }

    /// Ends what was asked before, and refuses everything after.
    public func close() async { await database.close() }
}

extension Ledger {
    func transaction(
        _ statements: [Statement], urgency: Urgency = .brisk
    ) async throws(LedgerError) -> [[Row]] {
        do throws(DatabaseError) { return try await transact(statements, urgency: urgency) } catch {
            throw LedgerError(error)
        }
    }

    /// As the database does it. A row that has no partition to lie in has one made, and is written again.
    func transact(_ statements: [Statement], urgency: Urgency) async throws(DatabaseError) -> [[Row]] {
        do throws(DatabaseError) {
            return try await database.transaction(statements, urgency: urgency)
        } catch  where error.code == .noPartition {
            guard try await makeLatePeriods() else { throw error }
            return try await database.transaction(statements, urgency: urgency)
        }
    }

    func read(_ text: String, _ values: [Value] = []) async throws(LedgerError) -> [Row] {
        try await read(Statement(text, values))
    }

    func snapshot(_ statements: [Statement]) async throws(LedgerError) -> [[Row]] {
        do throws(DatabaseError) { return try await database.snapshot(statements) } catch { throw LedgerError(error) }
    }

    func read(_ statement: Statement) async throws(LedgerError) -> [Row] {
        do throws(DatabaseError) { return try await database.read(statement) } catch { throw LedgerError(error) }
    }
}
