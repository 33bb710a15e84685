import Configuration
import Glibc
import Lifecycle
import Sandbox

/// `sandbox`: a mailbox and a CRM that answer as the real ones do.
enum SandboxCommand {
    static func run(_ base: Base) async throws {
        let sandbox = SandboxProcess(try SandboxSettings(base.environment), log: base.log)
        let admin = AdminServer(
            listen: try base.environment.text(Settings.adminListen)!, metrics: base.metrics,
            pages: sandbox.pages.adminPages)
        let status = await ServiceGroup([[sandbox]], admin: admin, log: base.log).run(until: base.signals!)
        exit(status.rawValue)
    }
}
