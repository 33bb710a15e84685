import Foundation
import Lifecycle
import Sandbox
import Support
import Synchronization
import Telemetry
import Testing

/// The whole relay as it is deployed, on three brokers and a PostgreSQL with a synchronous standby, and everything that a fault
/// can be played on: two `ingest` and three of each worker, receivers that misbehave, the network before the primary.
final class CampaignScene: Sendable {
    static let workers = ["confirmations", "analytics", "crm"]
    private static let database = "campaign"
    private static let crmToken = "secret-of-crm"

    let relay: Relay
    let sandbox: SandboxProcess
    private let servers: Shared<(primary: PostgreSQLServer, standby: PostgreSQLServer)>
    /// The way to the server that was the primary at first.
    let network: Toxiproxy
    /// The way to the standby, so that both are as far away.
    private let standbyNetwork: Toxiproxy
    /// What a standby lacked when it took the primary's place; nil: none lacked anything.
    private let lag = Shared<StandbyLag?>(nil)
    let effects = Effects()
    let callers: CampaignCallers
    /// By name; those that run now.
    private let members: Shared<[String: [Member]]>
    private let ingests: Shared<[Member]>
    private let observing: Task<Void, Never>

    /// Starts everything, and waits until all processes are ready.
    ///
    /// - Parameter perSecond: how many orders are begun in a second.
    init(perSecond: Double) async throws {
        let options = "broker.session.timeout.ms=3000;broker.heartbeat.interval.ms=500"
        async let kafka = onThread { try RealKafka(brokers: 3, options: options) }
        // The disk is to be filled up; what a crash loses is to be what a crash loses. A standby that was away finds the log
        // from where it stopped: without it every commit would wait for it for ever.
        let primary = try await PostgreSQLServer(
            settings: [
                "fsync=on", "synchronous_standby_names=*", "min_wal_size=32MB", "max_wal_size=128MB",
                "wal_keep_size=400MB",
            ],
            diskMegabytes: PostgreSQLServer.canMount ? 1_200 : nil)
        let standby = try await PostgreSQLServer(settings: ["fsync=on"], standbyOf: primary)
        servers = Shared((primary, standby))
        network = try await Toxiproxy(to: primary.port)
        standbyNetwork = try await Toxiproxy(to: standby.port)
        try await primary.sql("CREATE DATABASE \(Self.database) OWNER \(PostgreSQLServer.role)")

        var settings = SandboxSettings()
        settings.token = Self.crmToken
        sandbox = SandboxProcess(settings, log: Log(process: "sandbox", write: { _ in }))
        try await sandbox.start()
        relay = Relay(
            on: try await kafka,
            [
                "SMTP_URL": "smtp://127.0.0.1:\(sandbox.smtpPort!)?tls=never", "MAIL_FROM": "orders@shop.example",
                // A broker that is gone takes no group with it for longer than a fault lasts.
                "KAFKA_SESSION_TIMEOUT_MS": "6000",
            ],
            ledger: "postgresql://\(PostgreSQLServer.role):\(PostgreSQLServer.password)@127.0.0.1:\(network.port),"
                + "127.0.0.1:\(standbyNetwork.port)/\(Self.database)?target_session_attrs=read-write")
        _ = try await relay.told("topics", "create")
        _ = try await relay.told("migrate")
        let token = try await relay.token()
        let secret = relay.folder.appending(path: "crm-token")
        try Data("\(Self.crmToken)\n".utf8).write(to: secret)
        _ = try await relay.told(
            "connection", "create", "--account", "Shop", "--kind", "hubspot", "--url",
            "http://127.0.0.1:\(sandbox.httpPort!)", "--secret-file", secret.path)

        let relay = relay
        func start(_ name: String, _ count: Int) throws -> [Member] {
            try (0..<count).map { _ in try relay.start(name) }
        }
        let all = try Dictionary(uniqueKeysWithValues: Self.workers.map { ($0, try start($0, 3)) })
        let both = try start("ingest", 2)
        members = Shared(all.merging(["ingest": both]) { own, _ in own })
        ingests = Shared(both)
        callers = CampaignCallers(effects, token: token, perSecond: perSecond, ingests: ingests)
        observing = Self.observe(sandbox, effects)
        for member in members.now.values.joined() { try await relay.waitUntilReady(member) }
    }

    // MARK: What is seen

    /// Notes what comes to the receivers.
    private static func observe(_ sandbox: SandboxProcess, _ effects: Effects) -> Task<Void, Never> {
        sandbox.crm.observe { written in
            if let amount = written.properties["amount"] { effects.synced(amount: amount) }
        }
        return Task {
            // The mailbox drops its oldest when it is full, so they are fetched as they come.
            var seen = 0
            while !Task.isCancelled {
                let total = sandbox.mailbox.total
                while seen < total {
                    seen += 1
                    guard let message = sandbox.mailbox.message(seen) else { continue }
                    effects.confirmed(message.recipients.first ?? "", messageID: message.messageID)
                }
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// Waits until everything that was accepted before this moment has its effects.
    ///
    /// - Returns: how long that took; nil: it did not happen within `limit`.
    func settle(within limit: Duration) async throws -> Duration? {
        let began = ContinuousClock.now
        let accepted = effects.acceptedNow
        do {
            try await eventually("what was accepted is done", within: limit) { effects.missing(of: accepted).isEmpty }
        } catch is NeverHappened { return nil }
        return .now - began
    }

    // MARK: What is done to processes

    /// One of the processes of this name.
    func one(_ name: String) -> Member { members.now[name]![0] }

    /// Kills one of the processes of this name, and starts another in its place.
    func replace(_ name: String) async throws {
        let victim = one(name)
        kill(victim.program.processID, SIGKILL)
        try await eventually("\(name) is gone") { ProcessState.hasEnded(victim.program.processID) }
        try await succeed(victim)
    }

    /// Asks one of the processes of this name to end, and starts another in its place.
    func rotate(_ name: String) async throws {
        let victim = one(name)
        try await end(victim)
        try await succeed(victim)
    }

    /// Stops one of the processes of this name, without its noticing.
    func freeze(_ name: String) async throws -> Member {
        let victim = one(name)
        kill(victim.program.processID, SIGSTOP)
        try await eventually("\(name) stands still") { ProcessState.hasStopped(victim.program.processID) }
        return victim
    }

    func thaw(_ member: Member) { kill(member.program.processID, SIGCONT) }

    private func succeed(_ victim: Member) async throws {
        let next = try relay.start(victim.name)
        let all = members.change { members in
            members[victim.name]!.removeFirst()
            members[victim.name]!.append(next)
            return members[victim.name]!
        }
        if victim.name == "ingest" { ingests.now = all }
        try await relay.waitUntilReady(next)
    }

    private func end(_ member: Member) async throws {
        let process = member.program.processID
        kill(process, SIGTERM)
        try await eventually("\(member.name) has ended", within: .seconds(20)) { ProcessState.hasEnded(process) }
    }

    // MARK: What is done to the ledger

    var primary: PostgreSQLServer { servers.now.primary }
    var standby: PostgreSQLServer { servers.now.standby }

    /// The primary dies, and the standby takes its place.
    func failOver() async throws {
        let (primary, standby) = servers.now
        try await primary.kill()
        try await standby.promote()
        servers.now = (standby, primary)
    }

    /// Gives the primary, which was a standby before, an asynchronous standby in the place of the server that died.
    func followAgain() async throws {
        let standby = try await PostgreSQLServer(settings: ["fsync=on"], standbyOf: primary)
        try await network.lead(to: standby.port)
        servers.change { $0.standby = standby }
        try await eventually("the new standby has the database") {
            (try? await standby.sql("SELECT 1", database: Self.database)) == "1"
        }
    }

    /// Keeps from the standby what is committed from now on, and notes what it has.
    func leaveStandbyBehind() async throws {
        let standby = standby
        // Its network: what it has received it would still replay. One statement each: neither may stand in a transaction.
        try await standby.sql("ALTER SYSTEM SET primary_conninfo = ''")
        try await standby.sql("SELECT pg_reload_conf()")
        try await eventually("the standby receives nothing and has replayed all that it has") {
            let state =
                "(SELECT count(*) FROM pg_stat_wal_receiver), pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()"
            return try await standby.sql("SELECT \(state)") == "0|t"
        }
        lag.now = StandbyLag(
            confirmed: try await counts(of: "confirmations", on: standby),
            synced: try await counts(of: "crm", on: standby),
            seen: effects.seen)
    }

    /// By number of the order: how many deliveries of a worker a server shows as done.
    private func counts(of worker: String, on server: PostgreSQLServer) async throws -> [Int: Int] {
        let lines = try await server.sql(
            """
            SELECT substring(convert_from(c.body, 'UTF8') from '"externalId":"([0-9]+)"'), count(*)
            FROM history AS h JOIN events AS c ON c.worker = h.worker AND c.key = h.key
            WHERE h.worker = '\(worker)' AND h.state = 'done' AND c.type = 'orderrelay.order.created' GROUP BY 1
            """, database: Self.database)
        let pairs = lines.split(separator: "\n").map { $0.split(separator: "|").compactMap { Int($0) } }
        guard pairs.allSatisfy({ $0.count == 2 }) else {
            throw CommandFailure("no numbers of orders: \(lines.prefix(200))")
        }
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
    }

    /// The orders of which something was done again although the standby that took over knew that it was done.
    var repeatedBeyondLag: [Int] { lag.now?.repeatedBeyond(effects.seen) ?? [] }

    /// Ends the sessions of all processes.
    func endSessions() async throws {
        try await primary.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '\(PostgreSQLServer.role)'")
    }

    /// Reads the whole database as a backup does, in a transaction that stays open for a while.
    func dump(for seconds: Int) async throws {
        try await primary.sql(
            """
            BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM events; SELECT pg_sleep(\(seconds)); \
            SELECT count(*) FROM deliveries; COMMIT
            """, database: Self.database)
    }

    // MARK: The end

    /// What a campaign that failed is told by: what is missing, and what the servers and the processes said last.
    func state() async -> String {
        let missing = effects.missing(of: effects.acceptedNow)
        let activity = try? await primary.sql(
            "SELECT state, wait_event, now() - xact_start, left(query, 60) FROM pg_stat_activity WHERE xact_start IS NOT NULL"
        )
        let standbys = try? await primary.sql("SELECT state, sync_state, replay_lsn FROM pg_stat_replication")
        let lines = members.now.values.joined().map { "\($0.name): \($0.program.errors.suffix(600))" }
        return """
            answers \(callers.answers); \(missing.count) orders lack an effect: \(missing.prefix(20))
            primary: \(activity ?? "does not answer")\nstandbys: \(standbys ?? "")
            \(primary.log.suffix(3_000))\nstandby:\n\(standby.log.suffix(3_000))
            \(lines.joined(separator: "\n"))
            """
    }

    /// Ends everything at once: a campaign that failed leaves no program behind.
    func abandon() async {
        for member in members.now.values.joined() { kill(member.program.processID, SIGKILL) }
        observing.cancel()
        await sandbox.stop(by: .now + .seconds(2))
        try? await relay.kafka.ask("wipe")
    }

    /// The books of all workers, as `orderrelay audit` has them.
    func audit() async throws -> (status: Int32, output: String, errors: String) { try await relay.run("audit") }

    /// How many orders are counted.
    func countedOrders() async throws -> String {
        try await primary.sql("SELECT coalesce(sum(orders), 0) FROM stats", database: Self.database)
    }

    /// How many deals the CRM has.
    var dealCount: Int { sandbox.crm.count(of: "deals") }

    /// How many processes have said that they take in again what a failover has lost.
    var processesGoneBack: Int {
        members.now.values.joined().count { !$0.lines(with: "the ledger lost its last commits in a failover").isEmpty }
    }

    /// Ends every process; the warnings that they said.
    func end() async throws {
        for member in members.now.values.joined() { try await end(member) }
        observing.cancel()
        sandbox.crm.observe(nil)
        await sandbox.stop(by: .now + .seconds(2))
        try await relay.kafka.ask("wipe")
    }
}

extension Mailbox.Stored {
    /// The line that names the message.
    var messageID: String {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        return lines.first { $0.lowercased().hasPrefix("message-id:") }.map(String.init) ?? ""
    }
}
