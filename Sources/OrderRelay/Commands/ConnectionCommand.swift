import Access
import CommandLine
import Crypto
import Glibc
import Ledger
import Orders

/// `connection create`, `connection list`.
enum ConnectionCommand {
    static let options = [
        Option("kind", value: "KIND", isRequired: true, "hubspot"),
        Option("url", value: "URL", "address of its API (default: the kind's own)"),
        Option("secret-file", value: "FILE", isRequired: true, "file with its access token; - reads standard input"),
    ]
    /// The kinds there are, with the address of each one's API.
    private static let kinds = ["hubspot": "https://api.hubapi.com"]

    static func run(_ base: Base, _ invocation: Invocation) async throws {
        try await base.withLedger { ledger in
            if invocation.command.path.last == "create" {
                try await create(base, ledger, invocation)
            } else {
                try await list(ledger, invocation)
            }
        }
    }

    private static func create(_ base: Base, _ ledger: Ledger, _ invocation: Invocation) async throws {
        let account = try await ledger.account(named: invocation.value("account")!)
        let kind = invocation.value("kind")!
        guard let address = kinds[kind] else {
            throw WrongUse("--kind is one of \(kinds.keys.sorted().joined(separator: ", ")), not \(kind)")
        }
        let connection = Connection(
            id: hexadecimal(randomBytes(8)), account: account.id, kind: kind, url: invocation.value("url") ?? address,
            secret: try SecretFile.read(invocation.value("secret-file")!), since: Timestamp(milliseconds: base.now()))
        try await ledger.put(connection)
        print(connection.id)
    }

    private static func list(_ ledger: Ledger, _ invocation: Invocation) async throws {
        var account: String?
        if let name = invocation.value("account") { account = try await ledger.account(named: name).id }
        for connection in try await ledger.connections(account: account) {
            print(
                connection.id, connection.account, connection.kind, connection.url, connection.isEnabled ? "on" : "off",
                separator: "\t")
        }
    }
}
