import Assembly
import CommandLine
import Glibc
import Lifecycle

/// Where the program begins: reads the command line, and runs the command.
public enum Entry {
    /// Not `async`: signals are taken over in the process's first thread, before any other thread exists that could get
    /// them.
    public static func run(_ words: [String]) {
        do {
            switch try Action.table.read(words) {
            case .help(let text): print(text)
            case .run(let invocation): try start(invocation)
            }
        } catch {
            leave(ExitStatus(error), "\(error)")
        }
    }

    private static func start(_ invocation: Invocation) throws -> Never {
        let action = Action.of(invocation.command)
        let base = try Base(action)
        // Here, since threads inherit it from the one that starts them.
        let process = Processes.all.first { $0.command.path == invocation.command.path }
        try process?.scheduling(base.environment).apply()
        Task.detached {
            do {
                try await action.run(base, invocation)
                ExitStatus.done.end()
            } catch {
                leave(ExitStatus(error), "\(error)")
            }
        }
        // Not dispatchMain, and not an async main, which ends in it: it waits in sigsuspend with no signal blocked, so
        // that SIGTERM would end the process there.
        while true { pause() }
    }

    /// One clear line on standard error, and the status that scripts can distinguish.
    private static func leave(_ status: ExitStatus, _ message: String) -> Never {
        var line = "orderrelay: \(message)\n"
        line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
        status.end()
    }
}
