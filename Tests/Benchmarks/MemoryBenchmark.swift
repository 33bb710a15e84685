import Foundation
import Support

/// `memory ingest`, `memory workers`: whether the processes' sizes stay what they are after the first minute.
enum MemoryBenchmark {
    static let usage = "ingest [SECONDS [CONNECTIONS]] | workers [ORDERS [PER_SECOND]]"

    static func run(_ words: [String]) async throws {
        let numbers = words.dropFirst().compactMap { Int($0) }
        switch words.first {
        case "ingest": try await ingest(seconds: numbers.first ?? 300, connections: numbers.dropFirst().first ?? 64)
        case "workers":
            try await MemoryOfWorkers.run(
                orders: numbers.first ?? 200_000, perSecond: numbers.dropFirst().first ?? 1_000)
        default: fatalError("memory \(usage)")
        }
    }

    /// So many tokens share the load: the highest limit of one is 16,667 a second.
    private static let callers = 4

    /// The process `ingest` under a closed loop of new orders.
    private static func ingest(seconds: Int, connections: Int) async throws {
        let cluster = try await BenchmarkCluster()
        let ports = FreePorts.take(2)
        let ingest = try await cluster.start("ingest", admin: ports[0], ["HTTP_LISTEN": "127.0.0.1:\(ports[1])"])
        let processID = ingest.processID
        let sampling = Task.detached {
            var size = ResidentSize("ingest", processID)
            while !Task.isCancelled {
                size.sample()
                try? await Task.sleep(for: .seconds(1))
            }
            return size
        }
        let reports = try await load(cluster, port: ports[1], seconds: seconds, connections: connections)
        sampling.cancel()
        print("\(connections) connections, each order a new one, of \(callers) tokens:")
        for report in reports {
            print(
                "  \(report["answers"] ?? "?") orders, \(report["rate"] ?? "?")/s, p99 \(report["p99_ms"] ?? "?") ms, "
                    + "answers \(report["statuses"] ?? "?"), broken connections \(report["broken"] ?? "?")")
        }
        print(await sampling.value.report)
        await cluster.stop()
    }

    /// What each caller's load generator reports.
    private static func load(
        _ cluster: BenchmarkCluster, port: Int, seconds: Int, connections: Int
    ) async throws -> [[String: String]] {
        var requests: [LoadRequest] = []
        for caller in 0..<callers {
            var request = HTTPServerBenchmark.order
            request.fields[0] = "Authorization: Bearer \(try await cluster.makeToken())"
            request.body.replace("order-{n}", with: "order-\(caller)-{n}")
            requests.append(request)
        }
        let generators = try requests.map { request in
            try LoadCommand.start(
                port: port, connections: connections / callers, seconds: Double(seconds), warmUp: 0, request)
        }
        return generators.map(LoadCommand.report)
    }
}
