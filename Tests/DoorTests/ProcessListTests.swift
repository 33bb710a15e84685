import Assembly
import CommandLine
import Configuration
import Delivery
import Intake
import Kafka
import Ledger
import Lifecycle
import Telemetry
import Testing

@testable import Door

@Suite("The list of processes")
struct ProcessListTests {
    /// As on a machine where Kafka and everything else is away.
    private func surroundings() throws -> Surroundings {
        let values = ["SMTP_URL": "smtp://127.0.0.1:1?tls=never", "MAIL_FROM": "orders@shop.example"]
        return Surroundings(
            environment: Environment(values), kafka: ClientProperties(bootstrapServers: "127.0.0.1:1"),
            ledger: try Ledger(url: "sqlite::memory:", sealing: nil, now: { 0 }), log: Log(process: "test") { _ in },
            metrics: Metrics(), time: SteadyTime(), processID: "test")
    }

    @Test("every folder of processes is in the list")
    func folders() throws {
        let names = Set(Processes.all.map(\.name))
        for folder in try Tree.folders(in: "Sources/Processes") {
            #expect(names.contains(folder.lowercased()), "no process of Sources/Processes/\(folder) is in the list")
        }
    }

    @Test("audit closes the books of every worker that any process has")
    func audited() throws {
        for process in Processes.all {
            let services = try surroundings().stages(of: [process]).joined()
            let workers = services.compactMap { ($0 as? ClosingAfterwards)?.service ?? $0 }.compactMap { $0 as? Worker }
            #expect(workers.map(\.name) == [process.worker?.name].compactMap(\.self), "\(process.name)")
            for worker in workers {
                let audited = try #require(Processes.workers.first { $0.name == worker.name }, "\(worker.name)")
                #expect(!Topics.partitions(of: audited.topics).isEmpty)
                #expect(audited.group == worker.group)
            }
        }
    }

    @Test("every command is there once, with a name of its own")
    func commands() {
        let names = Action.all.map(\.command.name)
        #expect(Set(names).count == names.count)
        for process in Processes.all { #expect(names.contains(process.name)) }
        #expect(
            Action.all.filter(\.isLongRunning).map(\.command.name).sorted()
                == (Processes.all.map(\.name) + ["dev"]).sorted())
    }

    @Test("a ledger is opened before all that uses it, and drained by whoever writes it, once")
    func ledger() throws {
        for process in Processes.all {
            let names = try surroundings().stages(of: [process]).map { $0.map(\.name) }
            #expect(
                (names.first == ["ledger"]) == [.reads, .writes].contains(process.ledger), "\(process.name): \(names)")
            #expect(names.joined().contains("ledger") == (process.ledger != .none), "\(process.name): \(names)")
            #expect(names.joined().contains("outbox") == (process.ledger == .writes), "\(process.name): \(names)")
        }
        let merged = try surroundings().stages(of: Processes.inDev).map { $0.map(\.name) }
        #expect(merged.first == ["ledger"] && merged.joined().count { $0 == "outbox" } == 1)
        #expect(merged.last == ["ingest"])
        for worker in Processes.workers { #expect(merged[1].contains(worker.name)) }
    }

    @Test("settings have names of their own, and values that hold where there is no other")
    func settings() throws {
        let names = Processes.settings.map(\.name)
        #expect(Set(names).count == names.count)
        let listing = try Environment([:]).listing(Processes.settings)
        #expect(listing.count == names.count && listing.contains("LOG_LEVEL=info"))
    }
}
