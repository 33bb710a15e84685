import CommandLine
import Ledger

/// `demo`: an account to try a running cluster with, connected to the sandbox's CRM; the token is kept in a folder, so
/// that the next run finds everything there, and only prints it again.
enum DemoCommand {
    static let action = Action(
        Command(
            "demo", options: options,
            "creates an account to try a cluster with, unless there is one, and prints its token and a curl command"),
        run: run)

    private static let options = [
        Option("data", value: "DIR", "where the token is stored (default: data)"),
        Option("crm", value: "URL", "where the processes reach the sandbox's CRM (default: http://127.0.0.1:8090)"),
        Option(
            "crm-token-file", value: "FILE", "file with that CRM's token (default: one that any sandbox accepts)"),
        Option("api", value: "URL", "the API's address, as it is printed (default: http://127.0.0.1:8080/api/v2)"),
        Option(
            "mailbox", value: "URL", "the mailbox's address, as it is printed (default: http://127.0.0.1:8090/mailbox)"),
        Option("json", "print JSON instead of text"),
    ]

    private static func run(_ base: Base, _ invocation: Invocation) async throws {
        let data = try DataFolder(invocation.value("data") ?? "data")
        let crmToken = try invocation.value("crm-token-file").map { try SecretFile.read($0) } ?? "sandbox"
        try await base.withLedger { ledger in
            let account = try await DevAccount(
                in: ledger, data: data, crmURL: invocation.value("crm") ?? "http://127.0.0.1:8090", crmToken: crmToken,
                now: base.now())
            // The topic may have been lost with the broker's disk since the ledger was written.
            try await ledger.republishControl()
            try await base.drainOutbox(of: ledger)
            let banner = Banner(
                api: invocation.value("api") ?? "http://127.0.0.1:8080/api/v2",
                mailbox: invocation.value("mailbox") ?? "http://127.0.0.1:8090/mailbox", token: account.token,
                note: "Orders are kept on Kafka's and the ledger's disks, mails until the sandbox ends.")
            StandardOutput.write(invocation.isSet("json") ? banner.json : banner.text)
        }
    }
}
