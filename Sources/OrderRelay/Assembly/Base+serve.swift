import Configuration
import Glibc
import Kafka
import Ledger
import Lifecycle
import Telemetry

extension Base {
    /// Runs a long-running process: its services, the admin pages, and an end by signal. Does not return.
    func serve(_ services: @escaping @Sendable (Assembly) throws -> [[any Service]]) async throws {
        // Settings first: what is wrong with them is said before anything is waited for.
        try kafka.check()
        let ledger = LedgerOpening(self, url: try environment.text(Settings.databaseURL)!, sealing: try sealingKey())
        let admin = AdminServer(listen: try environment.text(Settings.adminListen)!, metrics: metrics)
        let group = ServiceGroup(
            [[ledger]],
            then: { try services(Assembly(base: self, ledger: ledger.opened, kafka: kafka, cluster: nil)) },
            admin: admin, log: log)
        let status = await group.run(until: signals!) { [log] in log.info("ready") }
        exit(status.rawValue)
    }
}
