import CommandLine

/// Every command of the program, as `--help` shows them.
enum Table {
    static let account = Option("account", value: "NAME", isRequired: true, "the account's name or id")
    static let json = Option("json", "print JSON instead of text")

    static let commands = CommandTable(
        program: "orderrelay",
        summary: "takes orders in over HTTP, puts them on Kafka, and has workers confirm, count and sync them",
        commands: processes + tools)

    /// Whether the command runs until it is told to stop.
    static func isLongRunning(_ command: Command) -> Bool { processes.contains { $0.path == command.path } }

    private static let processes: [Command] = [
        Command("ingest", "the HTTP API: publishes each order to Kafka before it says yes"),
        Command("confirmations", "worker: confirms orders to their buyers by e-mail"),
        Command("analytics", "worker: the read model and the statistics"),
        Command("crm", "worker: puts orders into the shops' CRMs"),
        Command(
            "auditor", "recounts the rate limit from its topic, all the time, and exports what was admitted too much"),
        Command(
            "dev",
            options: [
                Option("data", value: "DIR", "where the ledger and the token are kept (default: data)"),
                Option("listen", value: "ADDRESS", "address of the API (default: HTTP_LISTEN, or 127.0.0.1:8080)"),
                Option(
                    "admin", value: "ADDRESS",
                    "address of the admin pages and the mailbox (default: ADMIN_LISTEN, or 127.0.0.1:9100)"),
                Option("json", "print one JSON line instead of the banner"),
            ],
            "all of it in one process, on an embedded broker that keeps orders in memory only: for trying"),
        Command("sandbox", "a mailbox and a CRM that answer as the real ones do: for demos and tests"),
    ]

    private static let tools: [Command] = [
        Command("topics create", "creates the topics that are missing"),
        Command("topics check", "compares the cluster's topics with what they must be, and says what differs"),
        Command("migrate", "brings the ledger's schema up to date"),
        Command("account create", arguments: ["NAME"], options: AccountCommand.options, "creates an account"),
        Command(
            "account set", arguments: ["NAME"], options: AccountCommand.options, "changes an account's settings"),
        Command("account list", "lists the accounts"),
        Command("token create", options: [account] + TokenCommand.options, "creates a token, and prints it, once"),
        Command(
            "token list", options: [Option("account", value: "NAME", "of this account only")],
            "lists tokens, without their secrets"),
        Command(
            "token set", arguments: ["ID"], options: TokenCommand.changes,
            "changes a token; its limit for all tokens that share it; holds everywhere within 2 s"),
        Command("token revoke", arguments: ["ID"], "revokes a token; holds everywhere within 2 s"),
        Command(
            "token rotate", arguments: ["ID"],
            options: [
                Option("overlap", value: "MINUTES", "how long the old token works beside the new one (default: 1440)")
            ],
            "creates a token's replacement, with the same scopes and limit, and prints it, once"),
        Command("connection create", options: [account] + ConnectionCommand.options, "connects an account to a CRM"),
        Command(
            "connection list", options: [Option("account", value: "NAME", "of this account only")],
            "lists connections, without their secrets"),
        Command(
            "ratelimit show", options: RateLimitCommand.options,
            "shows how a limit stands, which processes spent it, and its restriction"),
        Command(
            "ratelimit lift", options: RateLimitCommand.options,
            "takes a restriction away that a limit is under; holds everywhere within 2 s"),
        Command(
            "audit",
            options: [Option("limit", "recounts the rate limit from its topic instead: no admission may be too many")],
            "closes the books: proves that every record and every delivery is accounted for"),
        Command("config", "prints the settings that hold, secrets masked"),
    ]
}
