import Access
import CommandLine
import Control
import Database
import Foundation
import Kafka
import Ledger
import Orders
import Sandbox
import Support
import Telemetry
import Testing

@testable import Door

/// Every command is one that only looks, or one that the audit trail has something of.
@Suite("The audit trail of commands", .timeLimit(.minutes(3))) struct TrailCommandsTests {
    /// Commands that change nothing that the trail is about.
    private static let looking: Set = [
        "token list", "account list", "connection list", "ratelimit show", "replay list", "replay show", "replay watch",
        "retention show", "audit", "audit-trail", "destinations", "doctor", "health", "config", "topics check",
        "acl list", "acl check",
        // They make what is missing, the same for everybody.
        "topics create", "acl create", "migrate",
        // What it sends is orders.
        "load",
        // It puts the demo's account in, by the verbs that the trail has something of.
        "demo",
    ]
    /// Commands that want Kafka's administration, which the embedded broker has not: their trail is looked at in
    /// `RestoredLedgerTests` and `DeletedRecordsTests`.
    private static let onKafka: Set = ["reintake"]

    /// The program on a ledger of its own and an embedded broker.
    private final class Scene: Sendable {
        let folder: TemporaryFolder
        let broker: EmbeddedBroker
        let sandbox: SandboxProcess
        private let environment: [String: String]
        private let seen = Shared(0)
        let run = Shared<Set<String>>([])

        init() async throws {
            folder = try TemporaryFolder("trail")
            broker = try EmbeddedBroker()
            for topic in Topics.all { try broker.create(topic: topic.name, partitions: topic.partitions) }
            sandbox = SandboxProcess(SandboxSettings(), log: Log(process: "test", write: { _ in }))
            try await sandbox.start()
            environment = [
                "DATABASE_URL": "sqlite:\(folder.file())", "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrapServers,
                "SECRETS_KEY": String(repeating: "0f", count: 32), "LOG_LEVEL": "error",
            ]
        }

        func start(_ words: [String], _ more: [String: String] = [:]) throws -> Program {
            try Program(words, environment: environment.merging(more) { $1 }, in: folder.url)
        }

        /// What a command prints; it must succeed.
        @discardableResult
        func told(_ words: String..., with more: [String: String] = [:]) async throws -> String {
            try await Program.output(of: words, environment: environment.merging(more) { $1 }, in: folder.url)
        }

        /// Runs a command that changes something.
        @discardableResult
        func change(
            _ command: String, _ rest: String..., with more: [String: String] = [:], leaves actions: [String]
        ) async throws -> String {
            let words = command.split(separator: " ").map(String.init) + rest + ["--author", "olena"]
            let output = try await Program.output(
                of: words, environment: environment.merging(more) { $1 }, in: folder.url)
            try await expect(command, actions)
            return output
        }

        /// What the trail has since the last look.
        func expect(_ command: String, _ actions: [String]) async throws {
            run.change { _ = $0.insert(command) }
            let entries = try await told("audit-trail").split(separator: "\n").map { $0.split(separator: "\t") }
            let new = entries.dropFirst(seen.now)
            #expect(new.map { $0[2] } == actions.map { $0[...] }, "\(command): \(new)")
            #expect(new.allSatisfy { $0[1] == "olena" }, "\(command): \(new)")
            seen.now = entries.count
        }

        func end() async {
            await sandbox.stop(by: .now + .seconds(1))
            broker.stop()
        }
    }

    @Test("a command is in one of the lists: a new one must say whether it changes something")
    func lists() {
        let oneShot = Action.all.filter { !$0.isLongRunning }
        #expect(Set(oneShot.filter { !$0.isChanging }.map(\.command.name)) == Self.looking)
        for action in oneShot where action.isChanging {
            #expect(action.command.options.contains { $0.name == "author" }, "\(action.command.name)")
        }
    }

    @Test("each that changes something leaves who asked and what for")
    func commands() async throws {
        let scene = try await Scene()
        let account = try await scene.change("account create", "Shop", leaves: ["account.create"])
        try await scene.change("account set", "Shop", "--locale", "en", leaves: ["account.set"])
        let token = try await scene.change("token create", "--account", "Shop", leaves: ["limit.set", "token.create"])
        try await scene.change(
            "token set", token, "--limit", "5", "--label", "till", leaves: ["token.set", "limit.set"])
        let next = try await scene.change("token rotate", token, leaves: ["token.create", "token.revoke"])
        try await scene.change("token revoke", next, leaves: ["token.revoke"])

        let secret = scene.folder.file("secret")
        try "pat-hunter2".write(toFile: secret, atomically: true, encoding: .utf8)
        let connection = try await scene.change(
            "connection create", "--account", "Shop", "--kind", "hubspot", "--url",
            "http://127.0.0.1:\(scene.sandbox.httpPort!)", "--secret-file", secret, leaves: ["connection.create"])
        try await scene.change("connection set", connection, "--pipeline", "default", leaves: ["connection.set"])
        try await rotate(scene)
        try await lift(scene, token)
        try await replays(scene, account)
        try await scene.change(
            "retention set", "--days", "30", "--audit-days", "forever", leaves: ["retention.set"])
        try await scene.change("prune", leaves: ["prune.begin", "prune.end"])
        try await spoil(scene)
        try await scene.change("rebuild", "--apply", leaves: ["rebuild.apply"])

        let changing = Set(Action.all.filter(\.isChanging).map(\.command.name))
        #expect(scene.run.now == changing.subtracting(Self.onKafka))
        try await look(scene, connection)
        await scene.end()
    }

    private func rotate(_ scene: Scene) async throws {
        let new = [
            "SECRETS_KEY": String(repeating: "1e", count: 32), "SECRETS_KEY_OLD": String(repeating: "0f", count: 32),
        ]
        let before = try scene.start(["secrets", "rotate", "--check"], new)
        #expect(await before.rest().contains("version before\t1\n"))
        #expect(await before.status() == 1 && before.errors.contains("keep SECRETS_KEY_OLD"), "\(before.errors)")
        let output = try await scene.change("secrets rotate", with: new, leaves: ["secrets.rotate"])
        #expect(output.contains("resealed\t1\tlooked at\t1"), "\(output)")
        #expect(output.hasSuffix("no secret needs SECRETS_KEY_OLD any more: remove it"), "\(output)")
        try await scene.change("secrets rotate", with: new, leaves: [])
        let alone = try await scene.told("secrets", "rotate", "--check", with: ["SECRETS_KEY": new["SECRETS_KEY"]!])
        #expect(alone.contains("SECRETS_KEY_OLD\tnot set") && alone.contains("sealed with SECRETS_KEY\t1"), "\(alone)")
        // With the key of before alone the connection is listed still, and named.
        #expect(try await scene.told("connection", "list").contains("hubspot"))
        let lost = try scene.start(["secrets", "rotate", "--author", "olena"])
        #expect(await lost.rest().contains("cannot be opened\t1\nconnection "))
        #expect(await lost.status() == 1 && lost.errors.contains("SECRETS_KEY_OLD"), "\(lost.errors)")
        let half = try scene.start(["secrets", "rotate"], ["SECRETS_KEY": ""])
        #expect(await half.status() == 2)
    }

    private func lift(_ scene: Scene, _ token: String) async throws {
        let limit = try #require(
            try await scene.told("audit-trail", "--action", "limit").split(separator: "\t").dropFirst(3).first)
        try await scene.change("ratelimit lift", "--token", token, leaves: [])
        let restriction = ControlRecord.restriction(
            RestrictionRecord(limitID: String(limit), level: 2, until: Int64.max / 2))
        let producer = try Producer(scene.broker.properties)
        _ = try await producer.send(
            OutgoingRecord(
                topic: ControlSnapshot.topic, key: Array(restriction.key.utf8), value: restriction.encoded()))
        await producer.close(timeout: .seconds(1))
        try await scene.change("ratelimit lift", "--limit", String(limit), leaves: ["ratelimit.lift"])
    }

    private func ledger(_ scene: Scene) throws -> Ledger {
        try Ledger.open(
            url: "sqlite:\(scene.folder.file())", sealing: nil,
            now: { Int64(Date().timeIntervalSince1970 * 1000) })
    }

    private func replays(_ scene: Scene, _ account: String) async throws {
        let ledger = try ledger(scene)
        let source = LogPartition(cluster: "c", topic: "orders", partition: 0)
        _ = try await ledger.position(of: "confirmations", in: source, base: 0)
        let rows = try await ledger.takeIn(
            IntakeBatch(
                worker: "confirmations", source: source, owner: "o", from: 0, next: 1,
                entries: [
                    entry(event(1, account: account), at: 0, .planned([PlannedDelivery(destination: "email")]))
                ], room: ["email": 1]))
        let ends = rows.map { row in
            Completion(
                delivery: row, verdict: .dead(reason: "550 no"), startedAt: epoch, tookMilliseconds: 1,
                outcome: "permanent", answer: "550 no")
        }
        _ = try await ledger.complete(ends, owner: "o")
        await ledger.close()
        // It watches, until it is aborted.
        let program = try scene.start(
            ["replay", "--destination", "email", "--name", "for olena@example.com", "--author", "olena"])
        var id: String?
        while id == nil, let line = await program.line() {
            let words = line.split(separator: "\t")
            if words.first == "replay", words.count == 2 { id = String(words[1]) }
        }
        let replay = try #require(id, "\(program.errors)")
        try await scene.expect("replay", ["replay.make"])
        try await scene.change("replay set", replay, "--rate", "3", leaves: ["replay.set"])
        try await scene.change("replay abort", replay, leaves: ["replay.abort"])
        #expect(await program.status() == 1 && program.errors.contains("aborted by olena"))
    }

    /// Makes the statistics wrong.
    private func spoil(_ scene: Scene) async throws {
        let database = try SQLiteDatabase(
            path: scene.folder.file(), now: { Int64(Date().timeIntervalSince1970 * 1000) })
        _ = try await database.transaction([
            Statement("INSERT INTO sale_buyers VALUES ('acme', 1, 'o', 's', 'nobody')")
        ])
        await database.close()
    }

    private func look(_ scene: Scene, _ connection: String) async throws {
        let all = try await scene.told("audit-trail")
        #expect(!all.contains("hunter2") && !all.contains("@"), "\(all)")
        #expect(all.contains("locale: uk -> en") && all.contains("options.pipeline: default"), "\(all)")
        #expect(all.contains("auditDays: 731 -> forever") && all.contains("name: for …"), "\(all)")
        let one = try await scene.told("audit-trail", "--subject", connection, "--json", "--limit", "1")
        struct Entry: Decodable {
            let id: Int
            let at, author, action, subject, account: String
            let before, after: [String: String]
        }
        let entry = try JSONDecoder().decode(Entry.self, from: Data(one.utf8))
        #expect(entry.action == "connection.create" && entry.author == "olena" && entry.after["kind"] == "hubspot")
        #expect(try await scene.told("audit-trail", "--account", "Shop", "--by", "olena", "--from", "1h") != "")
        #expect(try await scene.told("audit-trail", "--by", "taras") == "")
        #expect(try await scene.told("audit-trail", "--to", "1h") == "")
        let wrong = try scene.start(["audit-trail", "--from", "1h", "--to", "2h"])
        #expect(await wrong.status() == 2 && wrong.errors.contains("--from must be before --to"))
    }

    @Test("an entry is one line, whatever was typed")
    func line() throws {
        let entry = TrailEntry(
            id: 1, at: epoch, author: "a\nb", action: "token.set", subject: "t\t1", account: nil,
            before: ["label": "x\ny", "gone": "1"], after: ["label": "z", "new": "2"])
        #expect(
            TrailReport.line(entry)
                == "\(epoch.iso8601)\ta b\ttoken.set\tt 1\t-\tgone: 1 -> -; label: x y -> z; new: 2")
        #expect(
            TrailReport.json(entry)
                == #"{"id":1,"at":"\#(epoch.iso8601)","author":"a\nb","action":"token.set","subject":"t\t1","before":{"gone":"1","label":"x\ny"},"after":{"label":"z","new":"2"}}"#
        )
    }
}
