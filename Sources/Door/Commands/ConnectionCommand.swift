import Access
import CRM
import CommandLine
import Crypto
import Glibc
import HTTP
import Ledger
import Orders

/// `connection create`, `connection set`, `connection list`.
enum ConnectionCommand {
    static let actions = [
        Action(changing: Command("connection create", options: [.account] + options, "connects an account to a CRM")) {
            base, invocation in
            try await base.withLedger { try await create(base, $0, invocation) }
        },
        Action(
            changing: Command(
                "connection set", arguments: ["ID"], options: changes,
                "sets the pipeline and the stages of orders in a CRM, checked against what it has")
        ) { base, invocation in try await base.withLedger { try await set($0, invocation) } },
        Action(Command("connection list", options: [.ofAccount], "lists connections, without their secrets")) {
            base, invocation in
            try await base.withLedger { try await list($0, invocation) }
        },
    ]

    private static let options = [
        Option("kind", value: "KIND", isRequired: true, CRMDialects.kinds.map(\.name).joined(separator: ", ")),
        Option("url", value: "URL", "address of its API (default: the kind's own)"),
        Option("secret-file", value: "FILE", isRequired: true, "file with its access token; - reads standard input"),
    ]
    /// The options of `connection set`: names or ids of the CRM.
    private static let changes = [
        Option("pipeline", value: "NAME", "the pipeline of deals"),
        Option("stage-pending", value: "NAME", "the stage of open orders"),
        Option("stage-success", value: "NAME", "the stage of paid orders"),
        Option("stage-failed", value: "NAME", "the stage of failed orders"),
        Option("stage-refunded", value: "NAME", "the stage of refunded orders"),
    ]

    private static func create(_ base: Base, _ ledger: Ledger, _ invocation: Invocation) async throws {
        let account = try await ledger.account(named: invocation.value("account")!)
        let kind = invocation.value("kind")!
        let kinds = CRMDialects.kinds
        guard let address = kinds.first(where: { $0.name == kind })?.address else {
            throw WrongUse("--kind must be one of \(kinds.map(\.name).joined(separator: ", ")), not \(kind)")
        }
        let connection = Connection(
            id: hexadecimal(randomBytes(8)), account: account.id, kind: kind, url: invocation.value("url") ?? address,
            secret: .opened(try SecretFile.read(invocation.value("secret-file")!)),
            since: Timestamp(milliseconds: base.now()))
        try await ledger.put(connection, by: invocation.author())
        print(connection.id)
    }

    private static func set(_ ledger: Ledger, _ invocation: Invocation) async throws {
        let id = invocation.arguments[0]
        guard let connection = try await ledger.connection(id) else {
            throw Failure("there is no connection \(id): `orderrelay connection list` shows them")
        }
        guard changes.contains(where: { invocation.isSet($0.name) }) else {
            throw WrongUse("nothing to change: give --pipeline NAME or a stage")
        }
        var stages: [OrderStatus: String] = [:]
        for status in OrderStatus.allCases {
            stages[status] = invocation.value("stage-\(status.rawValue.lowercased())")
        }
        let client = Client()
        defer { client.close() }
        let options: [String: String]
        do {
            options = try await CRMDialects.options(
                of: connection, pipeline: invocation.value("pipeline"), stages: stages, client)
        } catch { throw Failure("\(error)") }
        try await ledger.setOptions(options, of: connection, by: invocation.author())
        for (name, value) in options.sorted(by: { $0.key < $1.key }) { print(name, value, separator: "\t") }
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
