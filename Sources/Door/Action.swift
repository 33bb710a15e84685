import Assembly
import CommandLine

/// A command, and what it does, declared together, so that neither exists without the other.
struct Action: Sendable {
    let command: Command
    /// Whether it runs until a signal stops it.
    let isLongRunning: Bool
    let run: @Sendable (Base, Invocation) async throws -> Void

    /// A one-shot command: does its work and ends.
    init(_ command: Command, run: @escaping @Sendable (Base, Invocation) async throws -> Void) {
        self.command = command
        isLongRunning = false
        self.run = run
    }

    init(untilStopped command: Command, run: @escaping @Sendable (Base, Invocation) async throws -> Void) {
        self.command = command
        isLongRunning = true
        self.run = run
    }

    init(_ process: ProcessDeclaration) {
        self.init(untilStopped: process.command) { base, _ in
            let surroundings = try base.surroundings()
            try await base.serve(
                try surroundings.stages(of: [process]), in: surroundings.environment,
                drain: try process.drain(base.environment))
        }
    }

    /// All commands of the program, in the order of `--help`.
    static let all =
        Processes.all.map { Action($0) } + [DevCommand.action] + TopicsCommand.actions + [MigrateCommand.action]
        + AccountCommand.actions + TokenCommand.actions + ConnectionCommand.actions + RateLimitCommand.actions
        + ReplayCommand.actions + RetentionCommand.actions
        + [
            AuditCommand.action, ReintakeCommand.action, RebuildCommand.action, DemoCommand.action,
            HealthCommand.action, ConfigCommand.action,
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
}
