import Configuration
import Glibc
import Kafka
import Ledger
import Lifecycle
import Telemetry

extension Base {
    /// Runs a long-running process: its services, the admin pages, and an end by signal. Does not return.
    func serve(_ services: (Assembly) throws -> [[any Service]]) async throws {
        let ledger = try await openLedger()
        let assembly = Assembly(base: self, ledger: ledger, kafka: kafka, cluster: nil)
        let admin = AdminServer(listen: try environment.text(Settings.adminListen)!, metrics: metrics)
        let group = ServiceGroup(try services(assembly), admin: admin, log: log)
        let status = await group.run(until: signals!) { [log] in log.info("ready") }
        await ledger.close()
        exit(status.rawValue)
    }
}
