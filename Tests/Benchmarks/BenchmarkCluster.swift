import Foundation
import HTTP

/// The product's processes apart, as an operator runs them, on a real Kafka of one broker and one SQLite file.
final class BenchmarkCluster {
    let kafka = BenchmarkKafka()
    let folder: URL
    let account: String
    let client = Client()
    private let environment: [String: String]
    private var running: [BenchmarkProgram] = []

    /// Makes the topics and an account.
    init(_ further: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "orderrelay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        environment = [
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrapServers,
            "DATABASE_URL": "sqlite:\(folder.appending(path: "orderrelay.db").path)",
            "SECRETS_KEY": String(repeating: "0f", count: 32),
        ].merging(further) { _, new in new }
        _ = try Self.run(["topics", "create"], environment, folder)
        account = try Self.run(["account", "create", "Shop"], environment, folder)
    }

    deinit {
        client.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// A new token with the highest limit that there can be.
    func makeToken() throws -> String { try run(["token", "create", "--account", "Shop", "--limit", "1000000"]) }

    /// Runs one command of the program; what it printed.
    func run(_ arguments: [String]) throws -> String { try Self.run(arguments, environment, folder) }

    private static func run(_ arguments: [String], _ environment: [String: String], _ folder: URL) throws -> String {
        try BenchmarkProgram(arguments, environment: environment, in: folder).result()
    }

    /// Starts a long-running process and waits until it is ready.
    func start(_ name: String, admin: Int, _ own: [String: String] = [:]) async throws -> BenchmarkProgram {
        let all = environment.merging(own) { _, new in new }
            .merging(["ADMIN_LISTEN": "127.0.0.1:\(admin)"]) { _, new in new }
        let program = try BenchmarkProgram([name], environment: all, in: folder)
        running.append(program)
        let deadline = ContinuousClock.now + .seconds(60)
        while try await page("/readyz", admin)?.status != 200 {
            precondition(.now < deadline, "\(name) does not get ready: \(program.errors)")
            try await Task.sleep(for: .milliseconds(100))
        }
        return program
    }

    /// Ends every process, the one that was started last first.
    func stop() {
        for program in running.reversed() { program.stop() }
        running = []
    }

    /// The sum of a metric's series that have a label.
    func count(_ metric: String, having label: String, admin: Int) async throws -> Int {
        guard let page = try await page("/metrics", admin) else { return 0 }
        return String(decoding: page.body, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix(metric + "{") && $0.contains(label) }
            .reduce(0) { $0 + Int($1.split(separator: " ").last.flatMap { Double($0) } ?? 0) }
    }

    private func page(_ path: String, _ admin: Int) async throws -> Response? {
        try? await client.send(ClientRequest(.get, "http://127.0.0.1:\(admin)\(path)"))
    }

    /// Ports that are free now; all are held until the last is found, so that none is given twice.
    static func freePorts(_ count: Int) -> [Int] {
        let sockets = (0..<count).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        defer { for socket in sockets { close(socket) } }
        return sockets.map { socket in
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    _ = bind(socket, pointer, length)
                    _ = getsockname(socket, pointer, &length)
                }
            }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}
