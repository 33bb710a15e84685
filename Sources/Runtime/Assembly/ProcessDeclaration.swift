public import CommandLine
public import Configuration
import Control
import Delivery
public import Intake
public import Kafka
public import Lifecycle

/// A long-running process, as it declares itself: help, `config`, `audit`, `dev`, documentation and tests are derived
/// from these declarations.
public struct ProcessDeclaration: Sendable {
    /// What a process does with the ledger.
    public enum LedgerUse: Sendable {
        case none, reads
        /// A process that also works while it is away: it is opened beside the other services.
        case watches
        /// A process that writes it drains its outbox, too.
        case writes
    }

    /// The command that starts it, with its help.
    public let command: Command
    /// The settings that it reads besides those that every process has.
    public let settings: [Setting]
    /// nil if it is not a worker.
    public let worker: WorkerDeclaration?
    public let ledger: LedgerUse
    /// What it needs of Kafka, where that has an authorizer: that of its worker, that of the outbox if it writes the ledger,
    /// and its own; sorted.
    public let rights: [AccessRight]
    /// Whether it is one of those that `dev` runs.
    public let isPartOfDev: Bool
    /// How its threads share the processors with others. Throws `ConfigurationError` if its setting is invalid.
    public let scheduling: @Sendable (Environment) throws -> Scheduling
    /// How long it keeps serving after a signal, while `/readyz` says that it is not ready. Throws
    /// `ConfigurationError` if its setting is invalid.
    public let drain: @Sendable (Environment) throws -> Duration
    /// Whether what it needs besides Kafka and the ledger is there, for `doctor`: it asks, and changes nothing. The ledger is
    /// open.
    public let examination: @Sendable (Surroundings) async -> [Finding]
    /// Its services in stages, each started once those before it serve. Throws `ConfigurationError` if a setting is
    /// missing or invalid.
    public let services: @Sendable (Surroundings) throws -> [[any Service]]

    /// - Parameter rights: what it needs of Kafka besides what follows from `worker` and `ledger`.
    public init(
        _ command: Command, settings: [Setting] = [], worker: WorkerDeclaration? = nil, ledger: LedgerUse,
        rights: [AccessRight] = [], isPartOfDev: Bool,
        scheduling: @escaping @Sendable (Environment) throws -> Scheduling = { _ in .normal },
        drain: @escaping @Sendable (Environment) throws -> Duration = { _ in .zero },
        examination: @escaping @Sendable (Surroundings) async -> [Finding] = { _ in [] },
        services: @escaping @Sendable (Surroundings) throws -> [[any Service]]
    ) {
        self.command = command
        self.settings = settings
        self.worker = worker
        self.ledger = ledger
        self.rights =
            (rights + (worker.map(Worker.rights) ?? []) + (ledger == .writes ? OutboxDrainer.rights : [])).condensed
        self.isPartOfDev = isPartOfDev
        self.scheduling = scheduling
        self.drain = drain
        self.examination = examination
        self.services = services
    }

    /// The command that starts it; also its name in logs.
    public var name: String { command.name }
}
