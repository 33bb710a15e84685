import Database
import Foundation
import HTTP
import Kafka
import Support
import Testing

/// A whole run with everything going wrong that makes a program talk: receivers that repeat in their refusals what they
/// were told, invalid orders, invalid tokens, records that are not events, a broker that goes away.
final class LeakScene: Sendable {
    /// A buyer, by the way in which the message to them fails.
    struct Buyer: Sendable {
        let number: Int
        let kind: String
        /// Words that stand nowhere by chance.
        var name: String { "Зореслава\(number) Тестенко-Непоказна\(number)" }
        var email: String { "\(kind).zoreslava\(number)@neponazna\(number).example" }
        var digits: String { "67\(7_301_000 + number)" }
        var phone: String { "+380\(digits)" }

        var order: String {
            """
            {"externalId":"leak-\(number)","source":"leaks","title":"Курс","price":"100.00","currency":"UAH",\
            "email":"\(email)","phone":"\(phone)","customer":{"name":"\(name)"},"locale":"uk"}
            """
        }

        var needles: [Needle] {
            [
                Needle("the e-mail of buyer \(number)", email),
                Needle("the mailbox of buyer \(number)", String(email.prefix { $0 != "@" })),
                Needle("the phone of buyer \(number)", digits),
            ]
                + name.split(whereSeparator: { " -".contains($0) }).map {
                    Needle("a name of buyer \(number)", String($0))
                }
        }
    }

    static let smtpPassword = "smtp-Geheim%41/7Qx"
    static let wrongPassword = "smtp-Falsch/9Zy"
    static let sealingKey = "5e41c0de5e41c0de5e41c0de5e41c0de5e41c0de5e41c0de5e41c0de5e41c0de"

    let relay: Relay
    let servers: HelperServer
    let sandboxPorts = FreePorts.take(2)
    /// By what happens to their mail; those of `invalid` and `poison` come in no valid order.
    let buyers: [Buyer]
    let secrets: Shared<[Needle]>
    /// What the API, and the commands, said.
    let said = Shared<[Haystack]>([])

    init() async throws {
        servers = try await HelperServer.started(
            "echoing_servers.py", [MailTools.certificates.path, "orders", Self.smtpPassword])
        relay = Relay(
            on: try await RealKafka.ownCluster(),
            [
                "SECRETS_KEY": Self.sealingKey, "MAIL_FROM": "Shop <orders@shop.example>",
                "SMTP_URL": Self.smtpURL(Self.smtpPassword, servers.port),
                "SMTP_CA_FILE": MailTools.certificates.appending(path: "ca.pem").path,
                "SANDBOX_HTTP_LISTEN": "127.0.0.1:\(sandboxPorts[0])",
                "SANDBOX_SMTP_LISTEN": "127.0.0.1:\(sandboxPorts[1])", "SANDBOX_CRM_TOKEN": "crm-Sandkasten-4711",
                "LOG_LEVEL": "debug",
            ])
        let kinds = [
            "taken", "refused", "later", "content", "taken", "refused", "content", "taken", "invalid", "poison",
        ]
        buyers = (0..<30).map { Buyer(number: $0 + 100, kind: kinds[$0 % kinds.count]) }
        secrets = Shared([
            Needle("the SMTP password", Self.smtpPassword), Needle("the wrong SMTP password", Self.wrongPassword),
            Needle("the sealing key", Self.sealingKey), Needle("the sandbox CRM's key", "crm-Sandkasten-4711"),
            Needle("the other CRM's key", "crm-Echo-0815"),
        ])
    }

    private static func smtpURL(_ password: String, _ port: Int) -> String {
        let escaped = password.addingPercentEncoding(
            withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-_.")))!
        return "smtp://orders:\(escaped)@localhost:\(port)"
    }

    /// Of a token the secret half is looked for: the other is its id, which lists show.
    func keep(token: String, _ name: String) {
        secrets.change { $0.append(Needle(name, String(token.suffix(40)))) }
    }

    func note(_ name: String, _ text: String) { said.change { $0.append(Haystack(name, text)) } }

    /// Runs a command, and keeps what it said.
    func command(_ arguments: [String]) async throws -> String {
        let program = try Program(arguments, environment: relay.environment, in: relay.folder)
        let output = await program.rest()
        let status = await program.status()
        #expect(status == 0, "\(arguments): \(program.errors)")
        // The one command whose output is a secret is judged by its standard error alone.
        let isSecret = arguments.starts(with: ["token", "create"]) || arguments.starts(with: ["token", "rotate"])
        note("`\(arguments.prefix(2).joined(separator: " "))`", program.errors + (isSecret ? "" : output))
        return output.trimmingCharacters(in: .newlines)
    }

    /// Topics, an account with a token, a CRM that works and one that refuses; the token.
    func prepare() async throws -> String {
        _ = try await command(["topics", "create"])
        _ = try await command(["account", "create", "Shop"])
        let token = try await command(["token", "create", "--account", "Shop", "--limit", "100000"])
        keep(token: token, "the token")
        let revoked = try await command(["token", "create", "--account", "Shop"])
        keep(token: revoked, "the revoked token")
        keep(
            token: try await command(["token", "rotate", String(revoked.dropFirst(3).prefix(16))]), "the rotated token")
        _ = try await command(["token", "revoke", String(revoked.dropFirst(3).prefix(16))])
        for (url, secret) in [
            ("http://127.0.0.1:\(sandboxPorts[0])", "crm-Sandkasten-4711"),
            ("http://127.0.0.1:\(servers.ports["crm"]!)", "crm-Echo-0815"),
        ] {
            let file = relay.folder.appending(path: "crm-\(UUID())")
            try Data(secret.utf8).write(to: file)
            _ = try await command([
                "connection", "create", "--account", "Shop", "--kind", "hubspot", "--url", url, "--secret-file",
                file.path,
            ])
        }
        return token
    }

    /// Has the sandbox's CRM fail.
    func order(fault: String) async throws {
        let answer = try await relay.client.send(
            ClientRequest(
                .post, "http://127.0.0.1:\(sandboxPorts[0])/sandbox/faults", body: Array(#"{"fault":"\#(fault)"}"#.utf8)
            ))
        #expect(answer.status == 201)
    }
}

extension LeakScene {
    /// Sends what must be refused, by every way that a caller's mistake may take; keeps the answers.
    func makeMistakes(_ ingest: Member, token: String) async throws {
        for buyer in buyers where buyer.kind == "invalid" {
            for (number, body) in Self.invalid(buyer).enumerated() {
                for accept in ["application/json", "application/problem+json"] {
                    // Strictly, since a fault that only leaves something out is no refusal otherwise.
                    let answer = try await ingest.send(
                        .post, "/orders?strict=1", token: token, body, fields: ["Accept": accept])
                    #expect([400, 422].contains(answer.status), "invalid body \(number) was answered \(answer.status)")
                    // What stands in a field that is not personal is quoted, to the one who wrote it.
                    if number < Self.quoted {
                        note("the answer to invalid body \(number)", String(decoding: answer.body, as: UTF8.self))
                    }
                }
            }
        }
        let wrong = String(token.dropLast(3)) + "xyz"
        keep(token: wrong, "a wrong token")
        for (name, path, fields) in [
            ("an unknown token", "/me", ["Authorization": "Bearer \(wrong)"]),
            ("a token cut short", "/me", ["Authorization": "Bearer \(token.dropLast(2))"]),
            ("a token with a space", "/me", ["Authorization": "Bearer \(token) x"]),
            ("another scheme", "/me", ["Authorization": "Basic \(token)"]),
            ("two tokens", "/me", ["X-Leeloo-AuthToken": wrong]),
            ("a token in the query", "/me?token=\(token)", ["Authorization": ""]),
            ("a token in the path", "/orders/\(token)", [:]),
            ("a token as a key", "/orders?externalId=\(token)&limit=no", [:]),
        ] {
            let answer = try await ingest.send(.get, path, token: token, fields: fields)
            #expect((400..<500).contains(answer.status), "\(name) was answered \(answer.status)")
            note("the answer to \(name)", String(decoding: answer.body, as: UTF8.self))
        }
    }

    /// How many of the invalid bodies have the buyer's data in the fields that are for them.
    private static let quoted = 7

    private static func invalid(_ buyer: Buyer) -> [String] {
        let email = buyer.email.replacingOccurrences(of: "@", with: " at ")
        return [
            #"{"email":"\#(email)","phone":"\#(buyer.phone)000000000","customer":{"name":"\#(buyer.name)"}}"#,
            #"{"email":"\#(buyer.email)","customer":{"name":["\#(buyer.name)"]}}"#,
            #"{"email":"\#(buyer.email)","customer":{"name":"\#(String(repeating: buyer.name, count: 99))"}}"#,
            #"{"email":"\#(buyer.email)","customer":{"email":"x\#(buyer.email)"}}"#,
            #"{"email":"\#(buyer.email)","email":"\#(buyer.email)"}"#,
            #"{"email":"\#(buyer.email)","customer":{"name":"\#(buyer.name)"#,
            "\(buyer.name) \(buyer.phone)",
            #"{"\#(buyer.email)":1,"\#(buyer.email)":2}"#,
            #"{"email":"\#(buyer.email)","price":"\#(buyer.phone)x","currency":"\#(buyer.name)"}"#,
            #"{"email":"\#(buyer.email)","locale":"\#(buyer.email)","transactionDate":"\#(buyer.name)"}"#,
            #"{"email":"\#(buyer.email)","externalId":"\#(buyer.name)\u0007","price":1}"#,
            #"{"email":{"\#(buyer.email)":"\#(buyer.phone)"},"phone":"\#(buyer.phone)"}"#,
        ]
    }

    /// Records that are no events, with a buyer's data in them, on every topic that a process reads.
    func poison() async throws {
        let producer = try Producer(relay.kafka.properties)
        for buyer in buyers where buyer.kind == "poison" {
            let values = [
                buyer.order, #"{"schema":1,"email":"\#(buyer.email)","#, "\(buyer.name) \(buyer.phone)",
                #"{"schema":99,"customer":{"name":"\#(buyer.name)"}}"#,
            ]
            for (number, value) in values.enumerated() {
                let place = String(format: "%024x", buyer.number * 10 + number)
                let event = [
                    ("ce_id", "\(place).created"), ("ce_type", "orderrelay.order.created"),
                    ("ce_source", "/accounts/x"), ("ce_subject", place), ("ce_time", "2026-01-31T12:00:00.000Z"),
                    ("ce_specversion", "1.0"), ("content-type", "application/json"),
                ]
                for headers in [[], event] {
                    _ = try await producer.send(
                        OutgoingRecord(
                            topic: "orders", key: Array(buyer.email.utf8), value: Array(value.utf8),
                            headers: headers.map { RecordHeader($0.0, Array($0.1.utf8)) }))
                }
                _ = try await producer.send(
                    OutgoingRecord(
                        topic: "control", key: Array("token/0123456789abcdef".utf8), value: Array(value.utf8)))
            }
        }
        await producer.close(timeout: .seconds(2))
    }
}

extension LeakScene {
    /// All records of a topic.
    func records(of topic: String) async throws -> [Record] {
        let reader = try await TopicReader(relay.kafka.properties, topic: topic)
        var records: [Record] = []
        while let more = try await reader.next(maximum: 1_000), !more.isEmpty { records += more }
        await reader.close(timeout: .seconds(1))
        return records
    }

    /// The ledger's tables: all that they hold, but for the columns that are left out.
    func ledger(without: (_ table: String, _ column: String) -> Bool) async throws -> [Haystack] {
        let path = relay.folder.appending(path: "orderrelay.db").path
        let database = try SQLiteDatabase(path: path, now: { 0 })
        var stacks: [Haystack] = []
        for row in try await database.read(Statement("SELECT name FROM sqlite_master WHERE type = 'table'")) {
            guard let table = row[0].text else { continue }
            let columns = try await database.read(Statement("SELECT name FROM pragma_table_info('\(table)')"))
                .compactMap { $0[0].text }.filter { !without(table, $0) }
            guard !columns.isEmpty else { continue }
            let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
            for (name, values) in try await Self.columns(names, columns, of: table, database) {
                stacks.append(Haystack("the ledger's \(table).\(name)", values))
            }
        }
        await database.close()
        return stacks
    }

    private static func columns(
        _ names: String, _ columns: [String], of table: String, _ database: SQLiteDatabase
    ) async throws -> [String: [UInt8]] {
        var values: [String: [UInt8]] = [:]
        for row in try await database.read(Statement("SELECT \(names) FROM \(table)")) {
            for (column, value) in zip(columns, row) {
                switch value {
                case .text(let text): values[column, default: []] += Array(text.utf8) + [10]
                case .blob(let bytes): values[column, default: []] += bytes + [10]
                case .integer(let number): values[column, default: []] += Array("\(number)\n".utf8)
                case .null: break
                }
            }
        }
        return values
    }

    /// The files below a folder, as they lie on the disk.
    static func files(below folder: URL, _ name: String, where isWanted: (URL) -> Bool = { _ in true }) -> [Haystack] {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap {
            $0 as? URL
        }
        return (files ?? []).filter(isWanted).compactMap { file in
            // A log's index files are large and empty.
            guard !file.pathExtension.hasSuffix("index"), let bytes = try? Data(contentsOf: file), !bytes.isEmpty else {
                return nil
            }
            return Haystack("\(name) \(file.lastPathComponent)", Array(bytes.prefix(32 << 20)))
        }
    }
}
