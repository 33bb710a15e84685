import Allocator
import CommandLine
import Glibc
import Lifecycle

/// The door: reads the command line, and runs the command.
@main
struct OrderRelay {
    /// Not `async`: signals are taken over in the process's first thread, before any other is there to get them.
    static func main() {
        do {
            switch try Table.commands.read(Array(Swift.CommandLine.arguments.dropFirst())) {
            case .help(let text): print(text)
            case .run(let invocation): start(invocation, try Base(invocation))
            }
        } catch {
            leave(ExitStatus(error), "\(error)")
        }
    }

    private static func start(_ invocation: Invocation, _ base: Base) -> Never {
        Allocator.startGivingBack()
        // Here, since threads have it from the one that starts them. Workers wait for others more than they work.
        if invocation.command.path == ["ingest"] { Scheduling.favorBatches() }
        Task.detached {
            do {
                try await run(invocation, base)
                exit(ExitStatus.done.rawValue)
            } catch {
                leave(ExitStatus(error), "\(error)")
            }
        }
        // Not dispatchMain, and not an async main, which ends in it: it waits in sigsuspend with no signal blocked, so that
        // SIGTERM would end the process there.
        while true { pause() }
    }

    private static func run(_ invocation: Invocation, _ base: Base) async throws {
        switch invocation.command.path.first {
        case "ingest": try await IngestCommand.run(base)
        case "confirmations": try await WorkerCommand.confirmations(base)
        case "analytics": try await WorkerCommand.analytics(base)
        case "crm": try await WorkerCommand.crm(base)
        case "auditor": try await AuditorCommand.run(base)
        case "dev": try await DevCommand.run(base, invocation)
        case "sandbox": try await SandboxCommand.run(base)
        case "topics": try await TopicsCommand.run(base, invocation)
        case "migrate": try await MigrateCommand.run(base)
        case "account": try await AccountCommand.run(base, invocation)
        case "token": try await TokenCommand.run(base, invocation)
        case "connection": try await ConnectionCommand.run(base, invocation)
        case "ratelimit": try await RateLimitCommand.run(base, invocation)
        case "audit" where invocation.isSet("limit"): try await LimitAuditCommand.run(base)
        case "audit": try await AuditCommand.run(base)
        case "config": try await ConfigCommand.run(base)
        default: preconditionFailure("the table has a command that nothing runs: \(invocation.command.path)")
        }
    }

    /// One clear line on standard error, and the status that scripts can tell apart.
    private static func leave(_ status: ExitStatus, _ message: String) -> Never {
        var line = "orderrelay: \(message)\n"
        line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(status.rawValue)
    }
}
