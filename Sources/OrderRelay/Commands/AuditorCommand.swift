import Configuration
import Glibc
import Lifecycle
import Limiter
import Telemetry

/// `auditor`: recounts the rate limit for ever. It needs no ledger, and stands in no request's way.
enum AuditorCommand {
    static func run(_ base: Base) async throws {
        let auditor = LimitAuditor(base.kafka, metrics: base.metrics, log: base.log)
        let admin = AdminServer(listen: try base.environment.text(Settings.adminListen)!, metrics: base.metrics)
        let group = ServiceGroup([[auditor]], admin: admin, log: base.log)
        let status = await group.run(until: base.signals!) { [log = base.log] in log.info("ready") }
        exit(status.rawValue)
    }
}
