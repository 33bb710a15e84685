import Foundation
import Support

/// Orders from the topic to all three receivers: confirmations, analytics and crm as processes of their own, on a real Kafka,
/// a mail server that takes everything and the sandbox's CRM, all on this machine.
enum WholeBenchmark {
    static let usage = "[ORDERS [PER_SECOND [PROCESSES]]] [postgresql [DISK_MS]]"
    /// After so many seconds the benchmark says what was done and ends.
    private static let secondsMaximum = 300.0
    private static let delivered = "orderrelay_delivery_accepted_to_delivered_seconds"

    static func run(_ words: [String]) async throws {
        let end = words.firstIndex(of: "postgresql") ?? words.endIndex
        let numbers = words[..<end].compactMap { Int($0) }
        let orders = numbers.first ?? 20_000
        let perSecond = numbers.dropFirst().first ?? 1_000
        let processes = numbers.dropFirst(2).first ?? 1
        var ledger = "SQLite"
        var variables: [String: String] = [:]
        var server: PostgreSQLServer?
        if end < words.endIndex {
            let disk = words[end...].dropFirst().first.flatMap { Int($0) } ?? 0
            let started = try await LedgerBenchmark.server(diskMilliseconds: disk)
            variables["DATABASE_URL"] = started.url(database: try await started.makeDatabase())
            server = started
            ledger = "PostgreSQL, \(disk) ms more for each fdatasync"
        }
        print("\(orders) orders at \(perSecond)/s, \(processes) of each worker, \(ledger)")
        try await measure(orders, perSecond, processes, variables, server)
    }

    private static func measure(
        _ orders: Int, _ perSecond: Int, _ processes: Int, _ variables: [String: String], _ server: PostgreSQLServer?
    ) async throws {
        let ports = FreePorts.take(3 * processes)
        let sink = SMTPSink()
        let cluster = try await BenchmarkCluster.withReceivers(sink, variables)
        let attempts = ("orderrelay_delivery_attempts_total", "outcome=\"done\"")
        let takenIn = ("orderrelay_intake_records_total", "worker=\"analytics\"")
        let workers = [("confirmations", attempts), ("analytics", takenIn), ("crm", attempts)]
        var admins: [String: [Int]] = [:]
        var sizes: [ResidentSize] = []
        for (index, (name, _)) in workers.enumerated() {
            for process in 0..<processes {
                let admin = ports[index * processes + process]
                let asked = ContinuousClock.now
                let program = try await cluster.start(name, admin: admin)
                print("  \(name): ready after \(Int((ContinuousClock.now - asked) / .milliseconds(1))) ms")
                admins[name, default: []].append(admin)
                sizes.append(ResidentSize(name, program.processID))
            }
        }

        let disk = try await DiskUse.now(cluster, server)
        let before = ProcessorTimes.now()
        let began = ContinuousClock.now
        func elapsed() -> Double { (ContinuousClock.now - began) / .seconds(1) }
        let (brokers, account) = (cluster.kafka.bootstrapServers, cluster.account)
        let publishing = Task.detached {
            try await OrderFeed.publish(orders, perSecond: perSecond, brokers: brokers, account: account)
        }
        var published: Double?
        let feed = Task {
            _ = try await publishing.value
            return elapsed()
        }
        var took: [String: Double] = [:]
        var scrapes: [Double] = []
        while took.count < workers.count, elapsed() < secondsMaximum {
            for (name, (metric, label)) in workers where took[name] == nil {
                var done = 0
                for admin in admins[name]! {
                    let asked = ContinuousClock.now
                    done += try await cluster.count(metric, having: label, admin: admin)
                    scrapes.append((ContinuousClock.now - asked) / .milliseconds(1))
                }
                if done >= orders { took[name] = elapsed() }
            }
            for index in sizes.indices { sizes[index].sample() }
            try await Task.sleep(for: .milliseconds(200))
        }
        publishing.cancel()
        published = try? await feed.value
        let used = ProcessorTimes.now().since(before)
        print("  published in \(seconds(published))")
        for (name, _) in workers {
            guard let all = took[name] else {
                print("  \(name): not all done within \(Int(secondsMaximum)) s")
                continue
            }
            var latency = "counted in the transaction that takes it in"
            if name != "analytics" {
                var buckets: [Double: Double] = [:]
                for admin in admins[name]! {
                    for (bound, count) in try await cluster.buckets(of: delivered, admin: admin) {
                        buckets[bound, default: 0] += count
                    }
                }
                latency =
                    "accepted → done p50 ≤ \(quantile(0.5, buckets)) s, p99 ≤ \(quantile(0.99, buckets)) s"
            }
            print("  \(name): all done after \(seconds(all)), \(Int(Double(orders) / all))/s; \(latency)")
        }
        for size in sizes {
            print(
                "  \(size.name): \((size.samples.first ?? 0) / 1024) MB at first, at most \((size.samples.max() ?? 0) / 1024) MB"
            )
        }
        scrapes.sort()
        if let longest = scrapes.last {
            print(
                String(
                    format: "  %d scrapes of /metrics: half within %.1f ms, 99 %% within %.1f ms, the longest %.1f ms",
                    scrapes.count, scrapes[scrapes.count / 2], scrapes[scrapes.count * 99 / 100], longest))
        }
        print("  µs of processor an order, by process:")
        for (name, value) in used.seconds.sorted(by: { $0.value > $1.value }) where value / Double(orders) > 2e-6 {
            print("    \(name): \(Int(value / Double(orders) * 1e6))")
        }
        print("    all: \(Int(used.seconds.values.reduce(0, +) / Double(orders) * 1e6))")
        for (place, bytes) in try await DiskUse.now(cluster, server).since(disk) {
            print("  bytes an order, \(place): \(bytes / orders)")
        }
        await cluster.stop()
    }

    private static func seconds(_ value: Double?) -> String { value.map { String(format: "%.1f s", $0) } ?? "never" }

    /// The bound of the bucket that has the quantile.
    private static func quantile(_ share: Double, _ buckets: [Double: Double]) -> String {
        let all = buckets.values.max() ?? 0
        let bound = buckets.sorted { $0.key < $1.key }.first { $0.value >= share * all }?.key
        return bound.map { $0.isInfinite ? "∞" : "\($0)" } ?? "?"
    }
}
