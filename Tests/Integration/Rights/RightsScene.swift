import Events
import Foundation
import HTTP
import Kafka
import Ledger
import Lifecycle
import Sandbox
import Support
import Telemetry
import Testing

@testable import Door

/// OrderRelay on a ``SecureKafka``: each process, and whoever runs commands, with the password of its own user alone.
final class RightsScene: Sendable {
    struct Token {
        var id: String
        var secret: String
    }

    let secure: SecureKafka
    let ledger: Ledger
    private let sandbox: SandboxProcess
    private let common: [String: String]
    private let ledgerURL: String
    private let running = Shared<[String: Member]>([:])
    private let tokens = Shared<[Token]>([])

    init() async throws {
        secure = try await onThread { try SecureKafka() }
        sandbox = SandboxProcess(log: Log(process: "sandbox", write: { _ in }))
        try await sandbox.start()
        ledgerURL = "sqlite:\(MailTools.temporaryFolder("rights").appending(path: "orderrelay.db").path)"
        ledger = try Ledger.open(url: ledgerURL, sealing: nil, now: { SystemTime().wall.milliseconds })
        try await ledger.migrate()
        common = [
            "SMTP_URL": "smtp://127.0.0.1:\(sandbox.smtpPort!)?tls=never", "MAIL_FROM": "orders@shop.example",
            "BOOKS_INTERVAL_SECONDS": "1",
            // What was granted in the meantime is noticed by asking again.
            "KAFKA_TOPIC_METADATA_REFRESH_INTERVAL_MS": "1000",
        ]
    }

    var members: [String: Member] { running.now }
    /// The token whose limit ``isRestricted()`` oversteps.
    var hammered: Token { tokens.now[1] }

    /// The program as this user.
    func user(_ name: String, ledger file: String? = nil) -> Relay {
        let url = file.map { "sqlite:\(MailTools.temporaryFolder($0).appending(path: "orderrelay.db").path)" }
        return Relay(on: secure.kafka, common.merging(secure.environment(of: name)) { $1 }, ledger: url ?? ledgerURL)
    }

    func grant(_ rights: [AccessRight], to user: String) async throws {
        let admin = try Admin(try secure.properties(of: "admin"))
        try await admin.grant(rights, to: "User:orderrelay-\(user)", timeout: .seconds(10))
        await admin.close()
    }

    /// Topics, an account, its tokens and its CRM; then every process is started.
    func setUp() async throws {
        let commands = user("operator")
        _ = try await commands.told("topics", "create")
        _ = try await commands.told("account", "create", "Shop")
        for limit in ["1000000", "30"] {
            let secret = try await commands.told("token", "create", "--account", "Shop", "--limit", limit)
            tokens.change { $0.append(Token(id: String(secret.split(separator: "_")[1]), secret: secret)) }
        }
        let secret = commands.folder.appending(path: "crm-token")
        try Data("any\n".utf8).write(to: secret)
        _ = try await commands.told(
            "connection", "create", "--account", "Shop", "--kind", "hubspot", "--url",
            "http://127.0.0.1:\(sandbox.httpPort!)", "--secret-file", secret.path)
        try await startAll()
    }

    func startAll() async throws {
        for name in KafkaUser.all.map(\.name) where name != KafkaUser.commands.name { try await start(name) }
    }

    func start(_ name: String) async throws {
        let member = try user(name).start(name)
        running.change { $0[name] = member }
    }

    func stop(_ name: String) async throws {
        guard let member = running.change({ $0.removeValue(forKey: name) }) else { return }
        try await user(name).stop(member)
    }

    /// An order's id.
    func order(_ number: String) async throws -> String {
        let body = """
            {"externalId":"\(number)","source":"rights","title":"Course","price":"1.00","currency":"UAH",\
            "email":"buyer@example.com","customer":{"name":"Olena"},"locale":"uk"}
            """
        let answer = try await members["ingest"]!.send(.post, "/orders", token: tokens.now[0].secret, body)
        let text = String(decoding: answer.body, as: UTF8.self)
        try #require(answer.status == 201, "\(text)")
        return try #require(member("id", in: text))
    }

    /// Confirmed, counted and in the CRM.
    func isWorkedOff(_ order: String) async throws {
        let seen = Shared("")
        try await eventually("the order is worked off: \(seen.now)") {
            let answer = try await members["ingest"]!.send(
                .get, "/orders/\(order)/timeline", token: tokens.now[0].secret)
            seen.now = String(decoding: answer.body, as: UTF8.self)
            return ["messageId", "dealId", "bucket"].allSatisfy(seen.now.contains)
        }
    }

    /// Writes a record that is no event on topic `orders`.
    func spoil() async throws {
        let producer = try Producer(try secure.properties(of: "admin"))
        _ = try await producer.send(OutgoingRecord(topic: "orders", key: [0], value: Array("not an event".utf8)))
        await producer.close(timeout: .seconds(1))
    }

    /// Asks more than a limit allows until the limit is restricted, which `ingest` writes on topic `control`.
    func isRestricted() async throws {
        let (ingest, token) = (members["ingest"]!, hammered.secret)
        try await eventually("the limit is restricted", within: .seconds(60)) {
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        String(decoding: try await ingest.send(.get, "/me", token: token).body, as: UTF8.self)
                    }
                }
                return try await group.contains { $0.contains("ABNORMAL_USAGE_DETECTED") }
            }
        }
    }

    func uses(_ right: AccessRight, _ user: String, since start: UInt64) async throws {
        try await eventually("\(user) makes use of \(right)", within: .seconds(30)) {
            try secure.log.hasUsed(right, "User:orderrelay-\(user)", since: start)
        }
    }

    func end() async throws {
        for name in members.keys.sorted() { try await stop(name) }
        await ledger.close()
        await sandbox.stop(by: .now + .seconds(2))
        secure.wipe()
    }
}
