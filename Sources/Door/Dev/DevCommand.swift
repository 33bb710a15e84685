import Assembly
import CommandLine
import Configuration
import Confirmations
import Glibc
import Ingest
import Kafka
import Ledger
import Lifecycle
import Sandbox

/// `dev`: all processes in one, on the embedded broker, SQLite in a data folder, and the sandbox.
enum DevCommand {
    static let action = Action(
        untilStopped: Command(
            "dev",
            options: [
                Option("data", value: "DIR", "where the ledger and the token are stored (default: data)"),
                Option("listen", value: "ADDRESS", "address of the API (default: HTTP_LISTEN, or 127.0.0.1:8080)"),
                Option(
                    "admin", value: "ADDRESS",
                    "address of the admin pages and the mailbox (default: ADMIN_LISTEN, or 127.0.0.1:9100)"),
                Option("json", "print one JSON line instead of the banner"),
            ],
            "everything in one process, on an embedded broker that keeps orders in memory only: for evaluation"),
        run: run)

    private static func run(_ base: Base, _ invocation: Invocation) async throws {
        let data = try DataFolder(invocation.value("data") ?? "data")
        let broker = try EmbeddedBroker(restsWhenIdle: true)
        for topic in Topics.all { try broker.create(topic: topic.name, partitions: topic.partitions) }
        // First, since other settings and the account's connection need the sandbox's addresses.
        let sandbox = SandboxProcess(SandboxSettings(), log: base.log)
        try await sandbox.start()
        let ledger = try base.ledger(url: data.databaseURL, sealing: try data.sealingKeys())
        try await LedgerService.open(ledger, following: base.time)
        let account = try await DevAccount(
            in: ledger, data: data, crmURL: "http://127.0.0.1:\(sandbox.httpPort!)", crmToken: "sandbox",
            now: base.now())
        try await ledger.republishControl()

        // Nobody joins or leaves its groups, so that they need not ask often, which costs something at rest.
        let kafka = broker.properties.replacing(["heartbeat.interval.ms": "3000"])
        let surroundings = base.surroundings(
            try environment(base.environment, invocation, sandbox), kafka: kafka, cluster: broker.clusterID,
            ledger: ledger, tracing: try base.tracing())
        // The groups' join takes its 3 s whatever the settings: all of them join at once, and nothing waits before
        // that.
        let stages = try surroundings.stages(of: Processes.inDev)
        let ingest = stages.joined().lazy.compactMap { $0 as? IngestProcess }.first!
        let isJSON = invocation.isSet("json")
        try await base.serve(
            stages, in: surroundings.environment, pages: sandbox.adminPages,
            started: { say(api: ingest.port!, admin: $0, token: account.token, isJSON: isJSON) },
            ended: {
                await sandbox.stop(by: .now + .seconds(1))
                broker.stop()
            })
    }

    /// The process's environment with other addresses: on loopback, since this is for evaluation, and with the sandbox
    /// as the mail server.
    private static func environment(
        _ given: Environment, _ invocation: Invocation, _ sandbox: SandboxProcess
    ) throws -> Environment {
        func address(_ option: String, _ setting: Setting, _ usual: String) throws -> String {
            let onLoopback = Setting(setting.name, default: usual, setting.summary)
            return try invocation.value(option) ?? given.required(onLoopback)
        }
        return given.replacing([
            (IngestProcess.listenSetting, try address("listen", IngestProcess.listenSetting, "127.0.0.1:8080")),
            (AdminServer.listen, try address("admin", AdminServer.listen, "127.0.0.1:9100")),
            (ConfirmationsSettings.smtpURL, "smtp://127.0.0.1:\(sandbox.smtpPort!)?tls=never"),
            (ConfirmationsSettings.smtpCAFile, nil),
            (ConfirmationsSettings.mailFrom, "orders@shop.example"),
        ])
    }

    private static func say(api: Int, admin: Int, token: String, isJSON: Bool) {
        let banner = Banner(
            api: "http://127.0.0.1:\(api)/api/v2", admin: "http://127.0.0.1:\(admin)",
            mailbox: "http://127.0.0.1:\(admin)/mailbox", token: token,
            note: """
                The embedded broker keeps orders in memory only: those not yet processed when it ends are lost. The
                ledger, with every order that was processed, stays in the data folder.
                """)
        StandardOutput.write(isJSON ? banner.json : banner.text)
    }
}
