import Foundation
import HTTP
import Support
import Synchronization
import Testing

/// Several `ingest` processes, the auditor and one account, on a Kafka of their own.
final class IngestFleet: Sendable {
    let kafka: RealKafka
    let folder: URL
    let environment: [String: String]
    private let ports: [(api: Int, admin: Int)]
    private let auditorPort: Int
    private let programs: Mutex<[Program]>
    private let client = Client(connectionsMaximum: 256)

    /// Starts everything, and waits until all processes are ready.
    init(processes: Int, brokers: Int) async throws {
        kafka = try RealKafka(brokers: brokers)
        folder = MailTools.temporaryFolder("fleet")
        let free = FreePorts.take(2 * processes + 1)
        auditorPort = free[2 * processes]
        ports = (0..<processes).map { (free[2 * $0], free[2 * $0 + 1]) }
        environment = [
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrapServers,
            "DATABASE_URL": "sqlite:\(folder.appending(path: "orderrelay.db").path)",
        ]
        programs = Mutex([])
        for words in [["topics", "create"], ["account", "create", "Shop"]] { _ = try await run(words) }
        let started = try (0..<processes).map { try launch($0) }
        let auditor = try Program(
            ["auditor"],
            environment: environment.merging(["ADMIN_LISTEN": "127.0.0.1:\(auditorPort)"]) { _, new in new }, in: folder
        )
        programs.withLock { $0 = started + [auditor] }
        for port in ports.map(\.admin) + [auditorPort] { try await waitUntilReady(port) }
    }

    // MARK: Commands

    /// Runs one command of the program, which must end well; what it printed.
    func run(_ words: [String]) async throws -> String {
        try await Program.output(of: words, environment: environment, in: folder)
    }

    /// The limit that a token counts against.
    func limitID(of tokenID: String) async throws -> String {
        let shown = try await run(["ratelimit", "show", "--token", tokenID])
        let line = try #require(shown.split(separator: "\n").first { $0.hasPrefix("limit\t") })
        return String(line.dropFirst("limit\t".count))
    }

    /// The broker that leads the partition of a limit: its first four bytes modulo the 24 partitions.
    func leader(of limitID: String) throws -> String {
        let partition = try #require(UInt32(limitID.prefix(8), radix: 16)) % 24
        let lines = try kafka.call("topics", "--describe", "--topic", "ratelimit").split(separator: "\n")
        let line = try #require(lines.first { $0.contains("Partition: \(partition)\t") })
        let rest = try #require(line.firstRange(of: "Leader: "))
        return String(line[rest.upperBound...].prefix { $0.isNumber })
    }

    // MARK: Processes

    private func launch(_ number: Int) throws -> Program {
        let own = [
            "HTTP_LISTEN": "127.0.0.1:\(ports[number].api)", "ADMIN_LISTEN": "127.0.0.1:\(ports[number].admin)",
        ]
        return try Program(["ingest"], environment: environment.merging(own) { _, new in new }, in: folder)
    }

    /// Starts a process again that has ended.
    func restart(_ number: Int) throws {
        let program = try launch(number)
        programs.withLock { $0[number] = program }
    }

    /// Sends a signal to a process.
    func signal(_ number: Int, _ signal: Int32) { programs.withLock { $0[number] }.signal(signal) }

    private func waitUntilReady(_ port: Int) async throws {
        let url = "http://127.0.0.1:\(port)/readyz"
        try await eventually("the process with admin port \(port) is ready", within: .seconds(60)) {
            (try? await client.send(ClientRequest(.get, url)))?.status == 200
        }
    }

    /// Asks every process to end, each within its 10 s, and deletes what they worked on.
    func stop() async throws {
        for program in programs.withLock({ $0 }) {
            let status = await program.stop()
            #expect(status == 0, "\(program.errors.suffix(2000))")
        }
        kafka.wipe()
        client.close()
    }

    // MARK: Requests

    func send(
        _ method: HTTP.Method, _ path: String, token: String, process: Int, timeout: Duration = .seconds(10)
    ) async throws(ClientError) -> Response {
        try await client.send(
            ClientRequest(
                method, "http://127.0.0.1:\(ports[process].api)/api/v2\(path)",
                fields: ["Authorization": "Bearer \(token)"], timeout: timeout))
    }

    /// The text of a process's metrics.
    func metrics(of process: Int) async throws -> String {
        try await metrics(at: ports[process].admin)
    }

    /// The text of the auditor's metrics.
    func auditorMetrics() async throws -> String { try await metrics(at: auditorPort) }

    private func metrics(at port: Int) async throws -> String {
        let url = "http://127.0.0.1:\(port)/metrics"
        return String(decoding: try await client.send(ClientRequest(.get, url)).body, as: UTF8.self)
    }
}
