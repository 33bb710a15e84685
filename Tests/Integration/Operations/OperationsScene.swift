import Foundation
import HTTP
import Kafka
import Sandbox
import Support
import Telemetry
import Testing

/// The relay as it is deployed, a process of each kind, on Kafka, PostgreSQL, a mail server and a CRM that faults can be played on,
/// and watched by Prometheus and Alertmanager.
final class OperationsScene: Sendable {
    /// How much faster time runs for the alerts: a minute is a second.
    static let factor = 60
    static let processes = ["ingest", "confirmations", "analytics", "crm", "auditor"]

    /// An order as a caller sent it, and what the answer said.
    struct Sent: Sendable {
        var buyer: LeakScene.Buyer
        var id: String
        var requestID: String
        var traceID: String
    }

    let relay: Relay
    let monitoring: Monitoring
    let sandbox: SandboxProcess
    let mail: HelperServer
    /// The clock of the broker.
    let clock: SetClock
    let postgreSQL: PostgreSQLServer
    /// The way to PostgreSQL of all processes but `auditor`: a reading that takes seconds would be one of minutes here.
    let network: Toxiproxy
    /// The way of `analytics` to that way.
    let analyticsNetwork: Toxiproxy
    private let tokens: (shop: String, crowd: String)
    /// Those that run, by name, and all that ever did.
    private let members = Shared<(running: [String: [Member]], all: [Member])>(([:], []))
    private let sandboxLines: Shared<[String]>
    private let brokerLogs = Shared<[Haystack]>([])
    let sent = Shared<[Sent]>([])
    private let orders = Shared(0)
    private let ordering = Shared<Task<Void, any Error>?>(nil)

    /// Starts everything, and waits until all processes are ready and Prometheus sees that.
    init() async throws {
        let folder = MailTools.temporaryFolder("clock")
        let clock = try await onThread { try SetClock(in: folder) }
        self.clock = clock
        async let kafka = onThread { try RealKafka(brokers: 1, variables: clock.environment) }
        let monitoring = try await Monitoring(factor: Self.factor)
        self.monitoring = monitoring
        postgreSQL = try await PostgreSQLServer()
        network = try await Toxiproxy(to: postgreSQL.port)
        analyticsNetwork = try await Toxiproxy(to: network.port)
        let database = try await postgreSQL.makeDatabase()

        let certificates = MailTools.certificates
        mail = try await HelperServer.started(
            "smtp_sink.py",
            ["--tls", certificates.appending(path: "good.pem").path, certificates.appending(path: "good.key").path]
                + ["--auth", "orders", LeakScene.smtpPassword])
        let lines = Shared<[String]>([])
        sandboxLines = lines
        var settings = SandboxSettings()
        settings.token = Self.crmToken
        sandbox = SandboxProcess(
            settings, log: Log(process: "sandbox", level: .debug) { line in lines.change { $0.append(line) } })
        try await sandbox.start()

        let password = mail.folder.appending(path: "password")
        try Data("\(LeakScene.smtpPassword)\n".utf8).write(to: password)
        relay = Relay(
            on: try await kafka,
            [
                "SECRETS_KEY": LeakScene.sealingKey, "BOOKS_INTERVAL_SECONDS": "1", "LOG_LEVEL": "debug",
                "SMTP_URL": "smtp://orders@localhost:\(mail.port)", "SMTP_PASSWORD_FILE": password.path,
                "SMTP_CA_FILE": certificates.appending(path: "ca.pem").path, "MAIL_FROM": "Shop <orders@shop.example>",
            ], ledger: Self.ledger(database, on: network.port))
        _ = try await relay.told("topics", "create")
        let shop = try await relay.token()
        _ = try await relay.told("account", "create", "Crowd")
        tokens = (shop, try await relay.told("token", "create", "--account", "Crowd", "--limit", "1000000"))
        let secret = relay.folder.appending(path: "crm-token")
        try Data("\(Self.crmToken)\n".utf8).write(to: secret)
        _ = try await relay.told(
            "connection", "create", "--account", "Shop", "--kind", "hubspot", "--url",
            "http://127.0.0.1:\(sandbox.httpPort!)", "--secret-file", secret.path)

        let ways = [
            "auditor": Self.ledger(database, on: postgreSQL.port),
            "analytics": Self.ledger(database, on: analyticsNetwork.port),
        ]
        self.ways = ways
        for name in Self.processes { _ = try start(name) }
        for name in Self.processes {
            try await relay.waitUntilReady(one(name))
            try watch(name)
        }
        try await eventually("Prometheus sees every process") {
            try await monitoring.value(#"count(up{job=~"ingest|confirmations|analytics|crm|auditor"} == 1)"#) == 5
        }
        try await eventually("no alert fires") { try await monitoring.firing().isEmpty }
    }

    static let crmToken = "crm-Sandkasten-4711"
    /// `DATABASE_URL` of those that go another way.
    private let ways: [String: String]

    private static func ledger(_ database: String, on port: Int) -> String {
        "postgresql://\(PostgreSQLServer.role):\(PostgreSQLServer.password)@127.0.0.1:\(port)/\(database)"
    }

    // MARK: Processes

    /// The process of this name that was started last.
    func one(_ name: String) -> Member { members.now.running[name]!.last! }

    /// Starts a process of this name beside those that run.
    func start(_ name: String) throws -> Member {
        let member = try relay.start(name, ways[name].map { ["DATABASE_URL": $0] } ?? [:])
        members.change { members in
            members.running[name, default: []].append(member)
            members.all.append(member)
        }
        return member
    }

    /// Has Prometheus ask those that run.
    func watch(_ name: String) throws {
        try monitoring.watch(name, on: members.now.running[name]!.map(\.admin))
    }

    /// Asks the process of this name that runs longest to end.
    func stop(_ name: String) async throws {
        let member = members.change { $0.running[name]!.removeFirst() }
        try watch(name)
        try await relay.stop(member)
    }

    /// Puts another process in the place of the one of this name, as after a change of its settings.
    func rotate(_ name: String) async throws {
        let next = try start(name)
        try await relay.waitUntilReady(next)
        try watch(name)
        // Prometheus looks at its targets every five seconds.
        try await eventually("Prometheus sees the other \(name)") {
            try await monitoring.value(#"up{job="\#(name)",instance="127.0.0.1:\#(next.admin)"}"#) == 1
        }
        try await stop(name)
    }

    // MARK: Orders

    /// Sends orders of as many buyers, each in a trace of its own; they must be accepted.
    func order(_ count: Int = 1) async throws {
        for _ in 0..<count {
            let number = orders.change { orders in
                orders += 1
                return orders
            }
            let buyer = LeakScene.Buyer(number: 200 + number, kind: "taken")
            let trace = String(format: "%016llx%016llx", UInt64.random(in: 1...(.max)), UInt64.random(in: 1...(.max)))
            let answer = try await one("ingest").send(
                .post, "/orders", token: tokens.shop, buyer.order,
                fields: ["traceparent": "00-\(trace)-00000000000000a1-01"])
            let body = String(decoding: answer.body, as: UTF8.self)
            try #require(answer.status == 201, "\(body)")
            let order = Sent(
                buyer: buyer, id: try #require(member("id", in: body)),
                requestID: try #require(answer.fields["X-Request-Id"]), traceID: trace)
            sent.change { $0.append(order) }
        }
    }

    /// Has orders sent at a rate, until ``stopOrdering()``.
    func keepOrdering(every pause: Duration, _ order: @escaping @Sendable (Int) async throws -> Void) {
        ordering.now = Task {
            let began = ContinuousClock.now
            for number in 0... {
                // Cancelled, it ends here, and never between an order and its answer.
                guard (try? await Task.sleep(until: began + pause * number, clock: .continuous)) != nil else { return }
                try await Task { try await order(number) }.value
            }
        }
    }

    /// Ends that; throws what an order threw.
    func stopOrdering() async throws {
        ordering.now?.cancel()
        try await ordering.now?.value
        ordering.now = nil
    }

    /// Sends an order that is only counted: it has neither an address nor a CRM.
    func orderInCrowd(_ number: Int) async throws {
        let body =
            #"{"externalId":"\#(number)","source":"crowd","customer":{"personId":"\#(number)"},"title":"Курс","price":"1.00","currency":"UAH"}"#
        let answer = try await one("ingest").send(.post, "/orders", token: tokens.crowd, body)
        try #require(answer.status == 201, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    /// Writes onto topic `orders` what no program can read, with a buyer's data in it.
    func poison() async throws {
        let buyer = LeakScene.Buyer(number: 199, kind: "poison")
        let producer = try Producer(relay.kafka.properties)
        _ = try await producer.send(
            OutgoingRecord(topic: "orders", key: Array(buyer.email.utf8), value: Array(buyer.order.utf8), headers: []))
        await producer.close(timeout: .seconds(2))
    }

    // MARK: The end

    /// Ends everything.
    func end() async throws {
        for name in Self.processes { try await relay.stop(one(name)) }
        await sandbox.stop(by: .now + .seconds(2))
        await monitoring.stop()
        mail.stop()
        let kafka = relay.kafka
        brokerLogs.now = LeakScene.files(below: kafka.folder, "Kafka's") { $0.lastPathComponent == "broker.log" }
        try await kafka.ask("wipe")
        try await postgreSQL.stop()
    }

    /// Ends everything at once: a test that failed leaves no program behind.
    func abandon() async {
        for member in members.now.all { kill(member.program.processID, SIGKILL) }
        await sandbox.stop(by: .now + .seconds(2))
        await monitoring.stop()
        try? await relay.kafka.ask("wipe")
    }

    /// The log of every process that ran, with its name.
    var logs: [(name: String, text: String)] { members.now.all.map { ($0.name, $0.program.errors) } }

    /// Everything that every program has said, and everybody who was notified was told. Complete once they have ended.
    func everythingSaid() async -> [Haystack] {
        var said = LeakScene.files(below: relay.folder, "the log") { $0.pathExtension == "log" }
        for member in members.now.all {
            said.append(Haystack("\(member.name)'s standard output", await member.program.rest()))
        }
        said.append(Haystack("the sandbox's log", sandboxLines.now.joined(separator: "\n")))
        said.append(Haystack("PostgreSQL's log", postgreSQL.log))
        return said + brokerLogs.now + monitoring.logs + monitoring.alertmanager.receiver.messages
    }

    /// What must stand in none of it.
    var needles: [Needle] {
        let buyers = sent.now.map(\.buyer) + [LeakScene.Buyer(number: 199, kind: "poison")]
        let secrets = [
            Needle("the SMTP password", LeakScene.smtpPassword), Needle("the sealing key", LeakScene.sealingKey),
            Needle("the CRM's key", Self.crmToken), Needle("the database's password", PostgreSQLServer.password),
            // The rest of a token is its id, which lists show.
            Needle("the shop's token", String(tokens.shop.suffix(40))),
            Needle("the crowd's token", String(tokens.crowd.suffix(40))),
        ]
        return secrets + buyers.flatMap(\.needles)
    }
}
