import CommandLine
import Configuration
import Confirmations
import Control
import Glibc
import Ingest
import Kafka
import Ledger
import Lifecycle
import Mail
import Sandbox
import Telemetry

/// `dev`: all processes in one, on the embedded broker, SQLite in a data folder, and the sandbox.
enum DevCommand {
    static func run(_ base: Base, _ invocation: Invocation) async throws {
        let data = try DataFolder(invocation.value("data") ?? "data")
        let broker = try EmbeddedBroker()
        for topic in Topics.all { try broker.create(topic: topic.name, partitions: topic.partitions) }

        let ledger = try await base.openLedger(url: data.databaseURL, sealing: try data.sealingKey())
        let sandbox = SandboxProcess(SandboxSettings(), log: base.log)
        try await sandbox.start()
        let account = try await DevAccount(
            in: ledger, data: data, crmURL: "http://127.0.0.1:\(sandbox.httpPort!)", crmToken: "sandbox",
            now: base.now())
        try await ledger.republishControl()

        let assembly = Assembly(base: base, ledger: ledger, kafka: broker.properties, cluster: broker.clusterID)
        let (before, ingest) = try assembly.ingest(
            listen: try address(invocation, "listen", base, Settings.httpListen, "127.0.0.1:8080"),
            threads: try IngestCommand.threads(base.environment), trusting: try TrustedProxies(base.environment))
        let (mail, confirming) = assembly.confirmations(try confirmations(sandbox))
        let admin = AdminServer(
            listen: try address(invocation, "admin", base, Settings.adminListen, "127.0.0.1:9100"),
            metrics: base.metrics, pages: sandbox.pages.adminPages)
        // The groups' join takes its 3 s whatever the settings: all of them join at once, and nothing waits before.
        let group = ServiceGroup(
            [
                [mail],
                [assembly.drainer(), assembly.analytics(), assembly.crm(), confirming] + before,
                [ingest],
            ], admin: admin, log: base.log)
        let isJSON = invocation.isSet("json")
        let status = await group.run(until: base.signals!) {
            say(api: ingest.port!, admin: admin.port!, token: account.token, isJSON: isJSON)
        }
        await sandbox.stop(by: .now + .seconds(1))
        broker.stop()
        await ledger.close()
        exit(status.rawValue)
    }

    /// The option's value, else the variable's, else `usual`: on loopback, since this is for trying.
    private static func address(
        _ invocation: Invocation, _ option: String, _ base: Base, _ setting: Setting, _ usual: String
    ) throws -> String {
        let onLoopback = Setting(setting.name, default: usual, setting.summary)
        return try invocation.value(option) ?? base.environment.required(onLoopback)
    }

    private static func confirmations(_ sandbox: SandboxProcess) throws -> ConfirmationsSettings {
        ConfirmationsSettings(
            smtp: try SMTPSettings(url: "smtp://127.0.0.1:\(sandbox.smtpPort!)?tls=never"),
            from: MailAddress(address: "orders@shop.example"))
    }

    private static func say(api: Int, admin: Int, token: String, isJSON: Bool) {
        let banner = Banner(
            api: "http://127.0.0.1:\(api)/api/v2", admin: "http://127.0.0.1:\(admin)",
            mailbox: "http://127.0.0.1:\(admin)/mailbox", token: token)
        StandardOutput.write(isJSON ? banner.json : banner.text)
    }
}
