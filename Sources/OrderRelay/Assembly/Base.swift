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
    /// What the ledger, and all that is due by it, goes by.
    let time: SteadyTime

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
        time = SteadyTime(noticed: { [log] step in
            switch step {
            case .back(let duration):
                log.warning(
                    "the clock is behind the time that the ledger knows: what is due goes on by that time until it is reached",
                    ["seconds": "\(duration.components.seconds)"])
            case .caughtUp: log.info("the clock has caught up with the ledger's time")
            case .farBehind(let duration):
                log.warning(
                    "the ledger was last used at a time more than a day ahead of this clock, which is not followed: one of the two clocks is wrong, and what was put off by the other waits for its time",
                    ["seconds": "\(duration.components.seconds)"])
            }
        })
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

    /// Opens the ledger that the settings name.
    func openLedger() async throws -> Ledger {
        try await openLedger(url: try environment.text(Settings.databaseURL)!, sealing: try sealingKey())
    }

    /// Opens a ledger, its schema brought up to date, and goes on from its time.
    func openLedger(url: String, sealing: SealingKey?) async throws -> Ledger {
        let ledger = try Ledger.open(
            url: url, sealing: sealing, intakeWritten: { KillPoint.rowsWritten.hit() },
            now: { [time] in time.milliseconds() })
        do {
            try await ledger.migrate()
            if let beat = try await ledger.lastBeat() { time.follow(beat) }
        } catch {
            await ledger.close()
            throw error
        }
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

    func sealingKey() throws -> SealingKey? {
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
