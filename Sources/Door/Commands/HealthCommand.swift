import CommandLine
import Configuration
import Glibc
import Lifecycle

/// `health`: whether the process on this machine is ready, for a container's health check.
enum HealthCommand {
    static let action = Action(
        Command(
            "health",
            "asks the process that serves ADMIN_LISTEN here whether it is ready: exit status 0 if it is, else 1"
        )
    ) { base, _ in
        let health = await Health(ofProcessAt: try base.environment.required(AdminServer.listen))
        print(health.line)
        if !health.isReady { ExitStatus.failed.end() }
    }
}
