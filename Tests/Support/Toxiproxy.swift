import Foundation
import FoundationNetworking

/// A way over the network to a port of this machine, on which the network's faults are played (github.com/Shopify/toxiproxy).
///
/// Found as real Kafka is, through `ORDERRELAY_SHARED`. Where it is missing the tests that need it are skipped, loudly; under
/// `ORDERRELAY_CI=1` that is a failure unless `ALLOW_SKIP=1`.
package final class Toxiproxy: Sendable {
    package enum Direction: String, Sendable {
        case toServer = "upstream"
        case toClient = "downstream"
    }

    /// Whether one can be started here; says so once where none can.
    package static let isHere: Bool = {
        if FileManager.default.isExecutableFile(atPath: program.path) { return true }
        print("SKIPPED: no toxiproxy at \(program.path): set ORDERRELAY_SHARED to the folder that holds tools/")
        let environment = ProcessInfo.processInfo.environment
        precondition(
            environment["ORDERRELAY_CI"] == nil || environment["ALLOW_SKIP"] == "1",
            "tests of the network's faults must not be skipped here; ALLOW_SKIP=1 permits it")
        return false
    }()

    private static let program = sharedFolder.appending(path: "tools/toxiproxy-server")

    /// Where clients connect to.
    package let port: Int
    private let control: Int
    /// Closed by the system when this process ends, which ends the proxy.
    private let lifeline: Int32

    package init(to server: Int) async throws {
        let ports = FreePorts.take(2)
        (port, control) = (ports[0], ports[1])
        lifeline = try startKeeperProcess(
            "kill -KILL $!", beginning: "'\(Self.program.path)' -host 127.0.0.1 -port \(control) </dev/null &")
        let way = ["name": "way", "listen": "127.0.0.1:\(port)", "upstream": "127.0.0.1:\(server)"]
        try await eventually("toxiproxy serves") { (try? await self.call("POST", "/proxies", way)) != nil }
    }

    deinit { close(lifeline) }

    /// Leads to another server from now on; the connections that there are end.
    package func lead(to server: Int) async throws {
        try await call("POST", "/proxies/way", ["upstream": "127.0.0.1:\(server)"])
    }

    /// Adds a fault, as `latency` with `["latency": 100]`; what they are called, and their attributes, says its README.
    package func add(_ toxic: String, _ direction: Direction, _ attributes: [String: Int] = [:]) async throws {
        try await call(
            "POST", "/proxies/way/toxics",
            [
                "name": "\(toxic)-\(direction.rawValue)", "type": toxic, "stream": direction.rawValue,
                "attributes": attributes,
            ])
    }

    package func remove(_ toxic: String, _ direction: Direction) async throws {
        try await call("DELETE", "/proxies/way/toxics/\(toxic)-\(direction.rawValue)")
    }

    private func call(_ method: String, _ path: String, _ body: [String: Any]? = nil) async throws {
        var request = URLRequest(url: URL(string: "http://127.0.0.1:\(control)\(path)")!)
        request.httpMethod = method
        request.httpBody = try body.map { try JSONSerialization.data(withJSONObject: $0) }
        request.timeoutInterval = 10
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else {
            throw CommandFailure("toxiproxy: \(method) \(path): \(status) \(String(decoding: data, as: UTF8.self))")
        }
    }
}
