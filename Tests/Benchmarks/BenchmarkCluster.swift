import Foundation
import HTTP
import Support

/// The product's processes apart, as an operator runs them, on a real Kafka of one broker and one SQLite file.
final class BenchmarkCluster {
    let kafka: RealKafka
    private let temporary: TemporaryFolder
    var folder: URL { temporary.url }
    let account: String
    let client = Client()
    private let environment: [String: String]
    private var running: [Program] = []

    /// Makes the topics and an account.
    init(_ further: [String: String] = [:]) async throws {
        kafka = try RealKafka(brokers: 1)
        temporary = try TemporaryFolder("benchmark")
        let folder = temporary.url
        let environment = [
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrapServers,
            "DATABASE_URL": "sqlite:\(temporary.file())",
            "SECRETS_KEY": String(repeating: "0f", count: 32),
        ].merging(further) { _, new in new }
        self.environment = environment
        _ = try await Program.output(of: ["topics", "create"], environment: environment, in: folder)
        account = try await Program.output(of: ["account", "create", "Shop"], environment: environment, in: folder)
    }

    deinit { client.close() }

    /// A new token with the highest limit that there can be.
    func makeToken() async throws -> String {
        try await run(["token", "create", "--account", "Shop", "--limit", "1000000"])
    }

    /// The same with the sandbox's CRM, a connection to it, and this mail server.
    static func withReceivers(
        _ sink: SMTPSink, _ further: [String: String] = [:]
    ) async throws -> BenchmarkCluster {
        let ports = FreePorts.take(3)
        let token = "secret-of-crm"
        let cluster = try await BenchmarkCluster(
            further.merging([
                "SMTP_URL": "smtp://127.0.0.1:\(sink.port)?tls=never", "MAIL_FROM": "orders@shop.example",
                "SANDBOX_HTTP_LISTEN": "127.0.0.1:\(ports[0])", "SANDBOX_SMTP_LISTEN": "127.0.0.1:\(ports[1])",
                "SANDBOX_CRM_TOKEN": token,
            ]) { own, _ in own })
        let secret = cluster.folder.appending(path: "crm-token")
        try Data("\(token)\n".utf8).write(to: secret)
        _ = try await cluster.run([
            "connection", "create", "--account", "Shop", "--kind", "hubspot", "--url", "http://127.0.0.1:\(ports[0])",
            "--secret-file", secret.path,
        ])
        _ = try await cluster.start("sandbox", admin: ports[2])
        return cluster
    }

    /// Runs one command of the program; what it printed.
    func run(_ arguments: [String]) async throws -> String {
        try await Program.output(of: arguments, environment: environment, in: folder)
    }

    /// Starts one command of the program; it is not waited for.
    func program(_ arguments: [String]) throws -> Program {
        try Program(arguments, environment: environment, in: folder)
    }

    /// Starts a long-running process and waits until it is ready.
    func start(_ name: String, admin: Int, _ own: [String: String] = [:]) async throws -> Program {
        let all = environment.merging(own) { _, new in new }
            .merging(["ADMIN_LISTEN": "127.0.0.1:\(admin)"]) { _, new in new }
        let program = try Program([name], environment: all, in: folder)
        running.append(program)
        try await eventually("\(name) is ready: \(program.errors)") {
            try await page("/readyz", admin)?.status == 200
        }
        return program
    }

    /// Ends every process, the one that was started last first.
    func stop() async {
        for program in running.reversed() { _ = await program.stop() }
        running = []
    }

    /// The sum of a metric's series that have a label.
    func count(_ metric: String, having label: String, admin: Int) async throws -> Int {
        guard let page = try await page("/metrics", admin) else { return 0 }
        return String(decoding: page.body, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix(metric + "{") && $0.contains(label) }
            .reduce(0) { $0 + Int($1.split(separator: " ").last.flatMap { Double($0) } ?? 0) }
    }

    /// A histogram's buckets over all its series: by upper bound, how many are not above it.
    func buckets(of metric: String, admin: Int) async throws -> [Double: Double] {
        guard let page = try await page("/metrics", admin) else { return [:] }
        var buckets: [Double: Double] = [:]
        for line in String(decoding: page.body, as: UTF8.self).split(separator: "\n")
        where line.hasPrefix(metric + "_bucket{") {
            guard let start = line.firstRange(of: "le=\"")?.upperBound,
                let count = line.split(separator: " ").last.flatMap({ Double($0) })
            else { continue }
            let bound = line[start...].prefix { $0 != "\"" }
            buckets[bound == "+Inf" ? .infinity : Double(bound) ?? .infinity, default: 0] += count
        }
        return buckets
    }

    private func page(_ path: String, _ admin: Int) async throws -> Response? {
        try? await client.send(ClientRequest(.get, "http://127.0.0.1:\(admin)\(path)"))
    }

}
