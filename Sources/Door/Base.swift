import Assembly
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
import TraceExport
import Tracing

/// What every command uses: settings, log and metrics, and access to Kafka and to the ledger.
struct Base: Sendable {
    static let version = "0.1.0"

    let process: String
    let environment: Environment
    let log: Log
    let metrics = Metrics()
    /// Random for each start: the owner of leases and rows.
    let processID = hexadecimal(randomBytes(8))
    let kafka: ClientProperties
    /// How PostgreSQL is used, where the ledger is kept there.
    let postgreSQL: PostgreSQLOptions
    /// What the ledger, and all that is due by it, goes by.
    let time: SteadyTime

    /// nil for one-shot commands, which a signal simply ends.
    let signals: Signals?

    /// Throws `ConfigurationError` if a setting is invalid, or has almost the name of one of ours.
    init(_ action: Action) throws {
        process = action.command.name
        environment = Environment(Self.variables())
        let unknown = try Self.check(environment)
        let level = try environment.value(CommonSettings.logLevel, expected: "debug, info, warning or error") {
            Log.Level(rawValue: $0)
        }
        log = Log(process: process, level: level ?? .info)
        time = SteadyTime(noticed: { [log] in log.report($0) })
        signals = action.isLongRunning ? Signals.takeOver(log: log) : nil
        if !unknown.isEmpty {
            log.info(
                "unknown variables that look like settings are ignored", ["names": unknown.joined(separator: ", ")])
        }
        kafka = try Self.kafka(environment)
        postgreSQL = try PostgreSQLOptions(environment, process: process, metrics: metrics)
        metrics.addProcess(version: Self.version, process: process)
    }

    /// Refuses a name that is almost that of a setting or a Kafka property; returns unknown ones with a prefix of ours.
    static func check(_ environment: Environment) throws -> [String] {
        let properties = ClientProperties.known.map { Setting.variable(prefix: kafkaPrefix, property: $0) }
        return try environment.check(known: Processes.settings.map(\.name) + properties)
    }

    /// The properties of Kafka clients, from the environment.
    static func kafka(_ environment: Environment) throws -> ClientProperties {
        var kafka = ClientProperties(bootstrapServers: try environment.required(CommonSettings.bootstrapServers))
        let known = Set(ClientProperties.known)
        kafka.values.merge(
            try environment.passedThrough(
                prefix: kafkaPrefix, except: [CommonSettings.bootstrapServers], isKnown: known.contains)
        ) { $1 }
        return kafka
    }

    private static let kafkaPrefix = "KAFKA_"

    /// Milliseconds since 1970, UTC.
    func now() -> Int64 { WallClock.milliseconds() }

    /// What the command's services are built from, with the ledger that the settings name.
    ///
    /// - Parameter tracing: of a long-running command.
    func surroundings(tracing: TracingParts? = nil) throws -> Surroundings {
        let ledger = try ledger(url: try environment.required(CommonSettings.databaseURL), sealing: try sealingKeys())
        return surroundings(environment, kafka: kafka, ledger: ledger, tracing: tracing)
    }

    /// nil where no endpoint of traces is set.
    ///
    /// - Throws: `ConfigurationError` if one of their settings is invalid.
    func tracing() throws -> TracingParts? {
        try TracingParts(
            environment, as: TracedService(name: process, version: Self.version, instance: processID),
            metrics: metrics, log: log)
    }

    /// - Parameter cluster: the embedded broker's id; nil for a real cluster.
    func surroundings(
        _ environment: Environment, kafka: ClientProperties, cluster: String? = nil, ledger: Ledger,
        tracing: TracingParts? = nil
    ) -> Surroundings {
        Surroundings(
            environment: environment, kafka: kafka, cluster: cluster, ledger: ledger, log: log, metrics: metrics,
            time: time, processID: processID, tracing: tracing)
    }

    /// Runs services, and the admin pages, until a signal comes. Does not return.
    ///
    /// - Parameters:
    ///   - pages: shown besides those of the services.
    ///   - drain: how long everything keeps serving after the signal, already reported as not ready.
    ///   - started: called with the port of the admin pages, once everything serves.
    ///   - ended: called when all services have stopped.
    func serve(
        _ stages: [[any Service]], in environment: Environment, pages: [AdminPage] = [], drain: Duration = .zero,
        started: @escaping @Sendable (_ adminPort: Int) -> Void = { _ in }, ended: () async -> Void = {}
    ) async throws {
        // Invalid settings are reported before anything is waited for.
        try kafka.check()
        let admin = AdminServer(
            listen: try environment.required(AdminServer.listen), metrics: metrics,
            pages: pages + stages.joined().flatMap(\.adminPages))
        let group = ServiceGroup(stages, admin: admin, log: log, drain: drain)
        let status = await group.run(until: signals!) { [log] in
            // A signal that comes just now may have closed it.
            guard let port = admin.port else { return }
            log.info("ready")
            started(port)
        }
        await ended()
        status.end()
    }

    /// A ledger, not opened yet.
    func ledger(url: String, sealing: SealingKeys?) throws -> Ledger {
        try Ledger(
            url: url, postgreSQL: postgreSQL, sealing: sealing, intakeWritten: { KillPoint.rowsWritten.hit() },
            now: { [time] in time.milliseconds() })
    }

    /// How long ``patiently(waitingFor:_:)`` keeps trying.
    private static let patience: Duration = .seconds(60)

    /// Does what a cluster needs before its processes start. Retries for a minute while Kafka or the database is unavailable,
    /// since they may still be starting.
    func patiently<Result>(waitingFor what: String, _ work: () async throws -> Result) async throws -> Result {
        let deadline = ContinuousClock.now + Self.patience
        return try await Outage(of: what, log: log).persistently(
            mayPass: { ExitStatus($0) == .notReady && .now < deadline },
            { _ in try await work() })
    }

    /// Opens the ledger for one command.
    func withLedger(_ body: (Ledger) async throws -> Void) async throws {
        let ledger = try surroundings().ledger
        do {
            try await LedgerService.open(ledger, following: time)
            try await body(ledger)
        } catch {
            await ledger.close()
            throw error
        }
        await ledger.close()
    }

    /// Asks Kafka for one command.
    ///
    /// - Throws: ``NotReady`` if no broker answers.
    func withAdmin<Result>(_ body: (Admin) async throws -> Result) async throws -> Result {
        let admin = try Admin(kafka)
        do {
            let result = try await body(admin)
            await admin.close()
            return result
        } catch {
            await admin.close()
            if let error = error as? KafkaError, error.code == .unreachable || error.code == .timedOut {
                throw NotReady("Kafka is unavailable: \(error.message)")
            }
            throw error
        }
    }

    /// Publishes what a command changed; if Kafka is unavailable, the next process that writes the ledger does it.
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

    /// nil: none is set.
    func sealingKeys() throws -> SealingKeys? { try Self.sealingKeys(environment) }

    static func sealingKeys(_ environment: Environment) throws(ConfigurationError) -> SealingKeys? {
        let older = try sealingKey(CommonSettings.oldSecretsKey, environment)
        guard let present = try sealingKey(CommonSettings.secretsKey, environment) else {
            guard older == nil else {
                let name = CommonSettings.secretsKey.name
                throw ConfigurationError(
                    name: name,
                    "\(CommonSettings.oldSecretsKey.name) is set without \(name): the old key opens only, \(name) seals"
                )
            }
            return nil
        }
        return SealingKeys(present, older: older)
    }

    private static func sealingKey(
        _ setting: Setting, _ environment: Environment
    ) throws(ConfigurationError) -> SealingKey? {
        try environment.value(setting, expected: "64 hexadecimal digits (openssl rand -hex 32)") { text in
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

extension Log {
    fileprivate func report(_ step: SteadyTime.Step) {
        switch step {
        case .back(let duration):
            warning(
                "the clock is behind the latest time in the ledger: the program continues from that time until the clock reaches it",
                ["seconds": "\(duration.components.seconds)"])
        case .caughtUp: info("the clock has caught up with the ledger's time")
        case .farBehind(let duration):
            warning(
                "the ledger was last used at a time more than a day ahead of this clock, which is ignored: one of the two clocks is wrong, and what was scheduled by the other waits for its time",
                ["seconds": "\(duration.components.seconds)"])
        }
    }
}
