import CommandLine
import Configuration
import Control
import Crypto
import Database
import Glibc
import Intake
import Kafka
import Ledger
import Lifecycle
import Telemetry

/// What every command is made of: its settings, log and metrics, and the ways to Kafka and to the ledger.
struct Base: Sendable {
    static let version = "0.1.0"

    let process: String
    let environment: Environment
    let log: Log
    let metrics = Metrics()
    /// Random for this start: the owner of leases and rows.
    let processID = hexadecimal(randomBytes(8))
    let kafka: ClientProperties

    /// nil for one-shot tools, which a signal ends as it ends any other.
    let signals: Signals?

    /// Throws where a setting is wrong, or is named almost like one of ours.
    init(_ invocation: Invocation) throws {
        process = invocation.command.name
        environment = Environment(Self.variables())
        let unknown = try environment.check(known: Settings.all, prefixes: Settings.prefixes)
        let level = try environment.value(Settings.logLevel, expected: "debug, info, warning or error") {
            Log.Level(rawValue: $0)
        }
        log = Log(process: process, level: level ?? .info)
        signals = Table.isLongRunning(invocation.command) ? Signals.takeOver(log: log) : nil
        if !unknown.isEmpty {
            log.info("variables that look like ours and are not read", ["names": unknown.joined(separator: ", ")])
        }
        var properties = ClientProperties(bootstrapServers: try environment.text(Settings.bootstrapServers)!)
        let further = try environment.passedThrough(prefix: "KAFKA_", except: [Settings.bootstrapServers])
        properties.values.merge(further) { _, new in new }
        kafka = properties
        metrics.addProcess(version: Self.version, process: process)
    }

    /// Milliseconds since 1970, UTC.
    func now() -> Int64 { WallClock.milliseconds() }

    /// Opens the ledger, its schema brought up to date.
    func openLedger() async throws -> Ledger {
        let ledger = try Ledger.open(
            url: try environment.text(Settings.databaseURL)!, sealing: try sealingKey(),
            intakeWritten: { KillPoint.rowsWritten.hit() }, now: WallClock.milliseconds)
        try await ledger.migrate()
        return ledger
    }

    /// Opens the ledger for one command.
    func withLedger(_ body: (Ledger) async throws -> Void) async throws {
        let ledger = try await openLedger()
        do {
            try await body(ledger)
        } catch {
            await ledger.close()
            throw error
        }
        await ledger.close()
    }

    /// Publishes what a command changed; where Kafka is away, the next process that writes the ledger does it.
    func drainOutbox(of ledger: Ledger) async throws {
        do {
            let producer = try Producer(kafka)
            defer { Task { await producer.close(timeout: .seconds(1)) } }
            try await OutboxDrainer.drainOnce(ledger: ledger, producer: producer, owner: processID)
        } catch let error as KafkaError {
            log.warning(
                "the change is in the ledger, but not on topic control yet: a running worker will publish it",
                ["why": error.message])
        }
    }

    private func sealingKey() throws -> SealingKey? {
        try environment.value(Settings.secretsKey, expected: "64 hexadecimal digits (openssl rand -hex 32)") { text in
            bytes(hexadecimal: text).flatMap { try? SealingKey($0) }
        }
    }

    private static func variables() -> [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let pair = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            next += 1
        }
        return variables
    }
}
