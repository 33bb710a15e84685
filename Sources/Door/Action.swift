import Assembly
import CommandLine

/// A command, and what it does, declared together, so that neither exists without the other.
struct Action: Sendable {
    let command: Command
    /// Whether it runs until a signal stops it.
    let isLongRunning: Bool
    /// Whether it makes a change that the audit trail records, with its author.
    let isChanging: Bool
    let run: @Sendable (Base, Invocation) async throws -> Void

    /// A one-shot command: does its work and ends.
    init(_ command: Command, run: @escaping @Sendable (Base, Invocation) async throws -> Void) {
        self.command = command
        isLongRunning = false
        isChanging = false
        self.run = run
    }

    /// A one-shot command that changes the configuration, or has something done again: it has the option `--author`, which the
    /// audit trail records.
    init(changing command: Command, run: @escaping @Sendable (Base, Invocation) async throws -> Void) {
        self.command = Command(
            command.name, arguments: command.arguments, options: command.options + [.author], command.summary)
        isLongRunning = false
        isChanging = true
        self.run = run
    }

    init(untilStopped command: Command, run: @escaping @Sendable (Base, Invocation) async throws -> Void) {
        self.command = command
        isLongRunning = true
        isChanging = false
        self.run = run
    }

    init(_ process: ProcessDeclaration) {
        self.init(untilStopped: process.command) { base, _ in
            let surroundings = try base.surroundings(tracing: try base.tracing())
            try await base.serve(
                try surroundings.stages(of: [process]), in: surroundings.environment,
                drain: try process.drain(base.environment))
        }
    }

    /// All commands of the program, in the order of `--help`.
    static let all =
        Processes.all.map { Action($0) } + [DevCommand.action] + TopicsCommand.actions + AclCommand.actions
        + [MigrateCommand.action]
        + AccountCommand.actions + TokenCommand.actions + ConnectionCommand.actions + SecretsCommand.actions
        + RateLimitCommand.actions + ReplayCommand.actions + RetentionCommand.actions
        + [
            AuditCommand.action, DestinationsCommand.action, AuditTrailCommand.action, ReintakeCommand.action,
            RebuildCommand.action, DemoCommand.action, LoadCommand.action, HealthCommand.action, DoctorCommand.action,
            ConfigCommand.action,
        ]

    static let table = CommandTable(
        program: "orderrelay",
        summary: "accepts orders over HTTP, publishes them to Kafka, and has workers confirm, count and sync them",
        commands: all.map(\.command))

    /// The action of a command of the table.
    static func of(_ command: Command) -> Action { all.first { $0.command.path == command.path }! }
}

extension Option {
    static let account = Option("account", value: "NAME", isRequired: true, "the account's name or id")
    static let ofAccount = Option("account", value: "NAME", "of this account only")
    /// Of every command that changes something.
    static let author = Option("author", value: "TEXT", "who asks for it (default: this system's user)")
}
