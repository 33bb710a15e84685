import Door
import Foundation
import HTTP
import Intake
import Support
import Testing

/// OrderRelay as an operator runs it: every process apart, on a real Kafka, with a real mail server and the sandbox.
final class Cluster: Sendable {
    let kafka: RealKafka
    let mail: HelperServer
    let folder: URL
    private let environment: [String: String]
    let ports: [String: Int]
    private let programs: [Program]
    let token: String
    private let client = Client()
    private let ingestProcesses: Int

    /// Starts a Kafka of its own, so that no other test's records are on its topics.
    init(ingestProcesses: Int = 1) async throws {
        kafka = try RealKafka(brokers: 1)
        mail = try HelperServer("smtp_sink.py")
        folder = MailTools.temporaryFolder("cluster")
        self.ingestProcesses = ingestProcesses
        let workers = Processes.workers.map(\.name) + ["sandbox"]
        let ingests = (0..<ingestProcesses).map { "ingest\($0)" }
        let names = (workers + ingests).map { "\($0).admin" } + ingests + ["sandbox.http", "sandbox.smtp"]
        let ports = Dictionary(uniqueKeysWithValues: zip(names, FreePorts.take(names.count)))
        self.ports = ports
        let environment = [
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrapServers,
            "DATABASE_URL": "sqlite:\(folder.appending(path: "orderrelay.db").path)",
            "SECRETS_KEY": String(repeating: "0f", count: 32),
            "SMTP_URL": "smtp://127.0.0.1:\(mail.port)?tls=never", "MAIL_FROM": "orders@shop.example",
            "SANDBOX_HTTP_LISTEN": "127.0.0.1:\(ports["sandbox.http"]!)",
            "SANDBOX_SMTP_LISTEN": "127.0.0.1:\(ports["sandbox.smtp"]!)", "SANDBOX_CRM_TOKEN": "secret-of-crm",
        ]
        self.environment = environment
        let folder = self.folder

        func run(_ arguments: String...) async throws -> String {
            try await Program.output(of: arguments, environment: environment, in: folder)
        }
        _ = try await run("topics", "create")
        _ = try await run("account", "create", "Shop")
        // Tests send as fast as they can, which no shop does: the limit is to be in no one's way.
        token = try await run("token", "create", "--account", "Shop", "--limit", "1000000")
        let secret = folder.appending(path: "crm-token")
        try Data("secret-of-crm\n".utf8).write(to: secret)
        _ = try await run(
            "connection", "create", "--account", "Shop", "--kind", "hubspot", "--url",
            "http://127.0.0.1:\(ports["sandbox.http"]!)", "--secret-file", secret.path)

        programs = try (workers + ingests).map { name in
            let isIngest = name.hasPrefix("ingest")
            let own = [
                "ADMIN_LISTEN": "127.0.0.1:\(ports["\(name).admin"]!)",
                "HTTP_LISTEN": "127.0.0.1:\(ports[name] ?? 0)",
            ]
            return try Program(
                [isIngest ? "ingest" : name], environment: environment.merging(own) { _, new in new }, in: folder)
        }
        for name in workers + ingests {
            try await eventually("\(name) is ready") { [client] in
                let url = "http://127.0.0.1:\(ports["\(name).admin"]!)/readyz"
                return (try? await client.send(ClientRequest(.get, url)))?.status == 200
            }
        }
    }

    /// The body of an answer of the API.
    func api(_ method: String, _ path: String, _ body: String = "", process: Int = 0) async throws -> String {
        let response = try await send(method, path, body, process: process)
        return String(decoding: response.body, as: UTF8.self)
    }

    func send(_ method: String, _ path: String, _ body: String = "", process: Int = 0) async throws -> Response {
        let url = "http://127.0.0.1:\(ports["ingest\(process)"]!)/api/v2\(path)"
        let methods: [String: HTTP.Method] = ["GET": .get, "POST": .post, "PUT": .put]
        return try await client.send(
            ClientRequest(
                methods[method]!, url,
                fields: ["Authorization": "Bearer \(token)", "Content-Type": "application/json"], body: Array(body.utf8)
            ))
    }

    /// Sends `count` different orders, some at once, every one of which must be answered 201; their ids.
    func sendOrders(_ count: Int, atOnce: Int = 20) async throws -> [String] {
        try await withThrowingTaskGroup(of: [String].self) { group in
            for lane in 0..<atOnce {
                group.addTask { [self] in
                    var ids: [String] = []
                    for number in stride(from: lane, to: count, by: atOnce) {
                        let response = try await send(
                            "POST", "/orders", Self.order(number), process: number % ingestProcesses)
                        let text = String(decoding: response.body, as: UTF8.self)
                        try #require(response.status == 201, "\(text)")
                        ids.append(try #require(member("id", in: text)))
                    }
                    return ids
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    static func order(_ number: Int) -> String {
        """
        {"externalId":"\(number)","source":"test","title":"Замовлення \(number)","price":"\(number % 90 + 10).50",\
        "currency":"UAH","email":"buyer\(number)@example.com","customer":{"name":"Покупець \(number)"},"locale":"uk"}
        """
    }

    /// Whether `count` orders are visible with every delivery done.
    func isWorkedOff(_ count: Int) async throws -> Bool {
        guard try await api("GET", "/orders?limit=1").contains("\"totalCount\":\(count)}") else { return false }
        for worker in ["confirmations", "crm"] {
            let metrics = try await admin(worker, "/metrics")
            guard Self.sum(of: "orderrelay_delivery_attempts_total{", having: "outcome=\"done\"", in: metrics) >= count
            else {
                return false
            }
        }
        return true
    }

    /// The text of a page of a process's admin port.
    func admin(_ process: String, _ path: String) async throws -> String {
        let url = "http://127.0.0.1:\(ports["\(process).admin"]!)\(path)"
        return String(decoding: try await client.send(ClientRequest(.get, url)).body, as: UTF8.self)
    }

    private static func sum(of name: String, having label: String, in metrics: String) -> Int {
        metrics.split(separator: "\n").filter { $0.hasPrefix(name) && $0.contains(label) }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0) { $0 + Int($1) }
    }

    /// How many deals the CRM has.
    func dealCount() async throws -> Int {
        let request = ClientRequest(
            .post, "http://127.0.0.1:\(ports["sandbox.http"]!)/crm/v3/objects/deals/search",
            fields: ["Authorization": "Bearer secret-of-crm", "Content-Type": "application/json"],
            body: Array(#"{"limit":1}"#.utf8))
        let text = String(decoding: try await client.send(request).body, as: UTF8.self)
        guard let start = text.firstRange(of: "\"total\":") else { return -1 }
        return Int(text[start.upperBound...].prefix { $0.isNumber }) ?? -1
    }

    /// Runs one command of the program in the cluster's environment, with `changes`.
    func run(
        _ arguments: [String], with changes: [String: String] = [:]
    ) async throws -> (status: Int32, output: String, errors: String) {
        let program = try Program(arguments, environment: environment.merging(changes) { $1 }, in: folder)
        let output = await program.rest()
        return (await program.status(), output, program.errors)
    }

    /// Asks every process to end: each must do so within its 10 s, with status 0.
    func stop() async throws {
        for program in programs {
            let started = ContinuousClock.now
            let status = await program.stop()
            #expect(status == 0, "\(program.log.lastPathComponent): \(program.errors.suffix(2000))")
            #expect(.now - started < .seconds(10))
        }
        mail.stop()
        kafka.wipe()
        client.close()
    }
}
