import Foundation
import HTTP
import Support
import Testing

/// OrderRelay's processes apart on a real Kafka, each of which a test starts, looks into and ends by itself.
final class Relay: Sendable {
    let kafka: RealKafka
    let folder: URL
    let environment: [String: String]
    let client = Client()

    /// - Parameters:
    ///   - environment: what is set beside the brokers, the ledger and the sealing key.
    ///   - ledger: `DATABASE_URL`; nil: a file in the folder.
    ///   - hasOwnTimes: whether groups go by the program's own times; else they notice sooner that a member is gone.
    init(
        on kafka: RealKafka, _ environment: [String: String] = [:], ledger: String? = nil, hasOwnTimes: Bool = false
    ) {
        self.kafka = kafka
        folder = MailTools.temporaryFolder("relay")
        let times = ["KAFKA_SESSION_TIMEOUT_MS": "6000", "KAFKA_HEARTBEAT_INTERVAL_MS": "500"]
        self.environment = [
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrapServers, "SECRETS_KEY": String(repeating: "0f", count: 32),
            "DATABASE_URL": ledger ?? "sqlite:\(folder.appending(path: "orderrelay.db").path)",
        ].merging(hasOwnTimes ? [:] : times) { own, _ in own }.merging(environment) { _, own in own }
    }

    /// Runs one command of the program to its end.
    func run(_ arguments: String...) async throws -> (status: Int32, output: String, errors: String) {
        let program = try Program(arguments, environment: environment, in: folder)
        let output = await program.rest()
        return (await program.status(), output, program.errors)
    }

    /// What a command prints; it must succeed.
    func told(_ arguments: String...) async throws -> String {
        try await Program.output(of: arguments, environment: environment, in: folder)
    }

    /// Creates an account, and a token that no limit holds back; the token.
    func token() async throws -> String {
        _ = try await told("account", "create", "Shop")
        return try await told("token", "create", "--account", "Shop", "--limit", "1000000")
    }

    /// Starts a long-running process; it is not waited for.
    func start(_ command: String, _ more: [String: String] = [:]) throws -> Member {
        let ports = FreePorts.take(2)
        let own = ["ADMIN_LISTEN": "127.0.0.1:\(ports[0])", "HTTP_LISTEN": "127.0.0.1:\(ports[1])"]
        let environment = environment.merging(own) { _, new in new }.merging(more) { _, new in new }
        return Member(
            command, try Program([command], environment: environment, in: folder), admin: ports[0], api: ports[1],
            client)
    }

    func waitUntilReady(_ members: Member..., within limit: Duration = .seconds(60)) async throws {
        for member in members {
            let said = Shared("")
            try await eventually("\(member.name) is ready: \(said.now)", within: limit) {
                let (isReady, text) = await member.readiness()
                said.now = text
                return isReady
            }
        }
    }

    /// Asks the processes to end: each must do so within its 10 s, with status 0.
    func stop(_ members: Member...) async throws {
        for member in members {
            let started = ContinuousClock.now
            let status = await member.program.stop()
            #expect(status == 0, "\(member.name): \(member.program.errors.suffix(2000))")
            #expect(.now - started < .seconds(10), "\(member.name) took its time to stop")
        }
    }
}

/// One long-running process of a ``Relay``.
final class Member: Sendable {
    let name: String
    let program: Program
    /// The port of its metrics.
    let admin: Int
    private let api: Int
    private let client: Client

    init(_ name: String, _ program: Program, admin: Int, api: Int, _ client: Client) {
        self.name = name
        self.program = program
        self.admin = admin
        self.api = api
        self.client = client
    }

    /// Whether it says that it is ready, and what else it says.
    func readiness() async -> (isReady: Bool, text: String) {
        let answer = try? await client.send(ClientRequest(.get, "http://127.0.0.1:\(admin)/readyz"))
        return (answer?.status == 200, answer.map { String(decoding: $0.body, as: UTF8.self) } ?? "")
    }

    /// A page of its admin port.
    func page(_ path: String) async throws -> String {
        let answer = try await client.send(
            ClientRequest(.get, "http://127.0.0.1:\(admin)\(path)", answerBytesMaximum: 16 << 20))
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// A metric: the sum over those of its series that have this label.
    func metric(_ name: String, having label: String = "") async throws -> Double {
        try await page("/metrics").split(separator: "\n")
            .filter { $0.hasPrefix(name + "{") || $0.hasPrefix(name + " ") }.filter {
                label.isEmpty || $0.contains(label)
            }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }

    /// The lines of its log that contain a text.
    func lines(with text: String) -> [Substring] {
        program.errors.split(separator: "\n").filter { $0.contains(text) }
    }

    /// Of `ingest`: sends a request to its API.
    func send(
        _ method: HTTP.Method, _ path: String, token: String, _ body: String = "", fields: [String: String] = [:],
        timeout: Duration = .seconds(12)
    ) async throws -> Response {
        var all: HeaderFields = ["Authorization": "Bearer \(token)", "Content-Type": "application/json"]
        for (name, value) in fields { all[name] = value }
        return try await client.send(
            ClientRequest(
                method, "http://127.0.0.1:\(api)/api/v2\(path)", fields: all, body: Array(body.utf8), timeout: timeout))
    }
}
