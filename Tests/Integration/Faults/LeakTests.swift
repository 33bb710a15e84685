import Door
import Foundation
import HTTP
import Intake
import Kafka
import Support
import Testing

/// What the program says and keeps, searched for every secret and every buyer's data that a run used.
///
/// By DESIGN §2 a dead letter copies the record that it is about: its `body` and its `origin_…` headers are that record,
/// personal by nature, as the topic `orders` is. All else of it (key, `ce_…`, reason, destination) must be as clean as a
/// log. In the ledger the same holds of an event's body and of the read model.
@Suite("Leaks", .enabled(if: RealKafka.isHere && MailTools.areHere), .serialized)
struct LeakTests {
    @Test("the search finds a needle in every form that it may take")
    func search() {
        let buyer = LeakScene.Buyer(number: 1, kind: "taken")
        let line = #"{"time":"2026-01-31T12:00:00.000Z","level":"info","message":"NEEDLE"}"#
        for needle in buyer.needles + [Needle("a secret", LeakScene.smtpPassword)] {
            #expect(!Haystack("a clean line", line).contains(needle))
            for form in needle.forms {
                #expect(Haystack("a leak", line.replacing("NEEDLE", with: form)).contains(needle), "\(form)")
            }
            #expect(Haystack("a leak", line.replacing("NEEDLE", with: needle.texts[0].uppercased())).contains(needle))
        }
        for text in [buyer.email, buyer.name, buyer.digits] {
            for before in ["", "x", "xy"] {
                let code = Data((before + text + " and more").utf8).base64EncodedString()
                #expect(!Haystack("base64", code).leaks(of: buyer.needles).isEmpty, "\(text) at \(before.count)")
            }
        }
    }

    @Test("a run in which everything fails says no secret and nothing of a buyer's", .timeLimit(.minutes(6)))
    func wholeRun() async throws {
        let scene = try await LeakScene()
        let relay = scene.relay
        let token = try await scene.prepare()
        let sandbox = try relay.start("sandbox")
        let workers = try Processes.workers.map { try relay.start($0.name) }
        let ingest = try relay.start("ingest")
        for member in workers + [sandbox, ingest] { try await relay.waitUntilReady(member) }

        for fault in ["500", "409", "close-done", "half"] { try await scene.order(fault: fault) }
        try await scene.poison()
        try await scene.makeMistakes(ingest, token: token)
        let ordering = scene.buyers.filter { !["invalid", "poison"].contains($0.kind) }
        for buyer in ordering {
            let answer = try await ingest.send(.post, "/orders", token: token, buyer.order)
            #expect(answer.status == 201)
        }
        let given = ordering.count { ["refused", "content"].contains($0.kind) }
        let (mail, crm) = (workers[0], workers[2])
        try await eventually("what was refused is dead and copied") {
            try await mail.metric("orderrelay_delivery_dead_copied_total") >= Double(given)
        }
        // Its answers take turns, and its breaker lets one more through after 5, 10, 20, 40 s.
        try await eventually("the refusing CRM has refused", within: .seconds(150)) {
            let refused = try await crm.metric(
                "orderrelay_delivery_attempts_total", having: "outcome=\"configuration\"")
            let copied = try await crm.metric("orderrelay_delivery_dead_copied_total")
            return refused > 0 && copied > 0
        }
        try await eventually("the mail that is put off was tried") {
            try await mail.metric("orderrelay_delivery_attempts_total", having: "outcome=\"retry\"") >= 3
        }
        try await brokerGone(scene, ingest, token)
        for command in [
            ["audit"], ["config"], ["token", "list"], ["account", "list"], ["connection", "list"],
            ["ratelimit", "show", "--token", String(token.dropFirst(3).prefix(16))],
        ] { _ = try await scene.command(command) }
        for member in workers + [sandbox, ingest] { try await keepPages(of: member, scene) }
        for member in workers + [sandbox, ingest] { try await relay.stop(member) }
        let wrong = try await wrongPassword(scene)
        try await judge(scene, programs: workers + [sandbox, ingest, wrong])
        try await relay.kafka.ask("wipe")
        scene.servers.stop()
    }

    /// With the broker away an order is refused, and every process has something to say.
    private func brokerGone(_ scene: LeakScene, _ ingest: Member, _ token: String) async throws {
        try await scene.relay.kafka.ask("kill", "1")
        let body = scene.buyers[0].order.replacing("leak-", with: "late-")
        let answer = try await ingest.send(.post, "/orders", token: token, body)
        #expect(answer.status == 503)
        scene.note("the answer with the broker away", String(decoding: answer.body, as: UTF8.self))
        try await scene.relay.kafka.ask("restart", "1")
        try await eventually("the order is taken") {
            try await ingest.send(.post, "/orders", token: token, body).status == 201
        }
    }

    /// A worker whose password the mail server refuses, and repeats.
    private func wrongPassword(_ scene: LeakScene) async throws -> Member {
        let url = scene.relay.environment["SMTP_URL"]!.replacing(/orders:[^@]*@/, with: "orders:smtp-Falsch%2F9Zy@")
        let worker = try scene.relay.start("confirmations", ["SMTP_URL": url])
        try await scene.relay.waitUntilReady(worker)
        try await eventually("the password is refused") {
            try await worker.metric("orderrelay_delivery_attempts_total", having: "outcome=\"configuration\"") > 0
        }
        try await keepPages(of: worker, scene)
        try await scene.relay.stop(worker)
        return worker
    }

    private func keepPages(of member: Member, _ scene: LeakScene) async throws {
        for path in ["/metrics", "/readyz"] { scene.note("\(member.name)'s \(path)", try await member.page(path)) }
    }

    private func judge(_ scene: LeakScene, programs: [Member]) async throws {
        let personal = scene.buyers.flatMap(\.needles)
        let secrets = scene.secrets.now
        var clean = scene.said.now
        for member in programs {
            #expect(!member.program.errors.isEmpty)
            clean.append(Haystack("\(member.name)'s log", member.program.errors))
            clean.append(Haystack("\(member.name)'s standard output", await member.program.rest()))
        }
        var origins: [Haystack] = []
        let letters = try await scene.records(of: "dead-letters")
        for letter in letters {
            let (said, body) = try Self.parts(of: letter)
            clean.append(Haystack("a dead letter's own words", said))
            origins.append(Haystack("a dead letter's origin", body))
        }
        clean += try await scene.ledger { table, column in
            (table == "events" && column == "body") || (table == "orders" && ["body", "email"].contains(column))
        }
        let leaks = clean.flatMap { $0.leaks(of: personal + secrets) }
        #expect(leaks.isEmpty, "\(Set(leaks).sorted().joined(separator: "\n"))")

        // As they lie on the disk: the ledger, and all topics.
        let folder = scene.relay.folder
        var stored = LeakScene.files(below: folder, "the file") { $0.lastPathComponent.hasPrefix("orderrelay.db") }
        stored += LeakScene.files(below: scene.relay.kafka.folder, "the broker's") { $0.pathExtension == "log" }
        #expect(stored.count > 20)
        let kept = stored.flatMap { $0.leaks(of: secrets) }
        #expect(kept.isEmpty, "\(Set(kept).sorted().joined(separator: "\n"))")
        try await control(scene, origins: origins)
    }

    /// The same search over what holds them by nature finds every one: so nothing above was merely overlooked.
    private func control(_ scene: LeakScene, origins: [Haystack]) async throws {
        let bodies = try await scene.ledger { table, column in table != "events" || column != "body" }
        for buyer in scene.buyers where !["invalid", "poison"].contains(buyer.kind) {
            let found = bodies.flatMap { $0.leaks(of: buyer.needles) }
            #expect(found.count == buyer.needles.count, "of buyer \(buyer.number) only \(found)")
        }
        for buyer in scene.buyers where ["refused", "content", "poison"].contains(buyer.kind) {
            #expect(origins.contains { !$0.leaks(of: buyer.needles).isEmpty }, "no dead letter of \(buyer.number)")
        }
        let environment = Haystack("the environment", scene.relay.environment.values.joined(separator: "\n"))
        let found = environment.leaks(of: scene.secrets.now)
        #expect(found.count == 3, "of password, sealing key and CRM's key only \(found)")
    }

    /// A dead letter's own words, and what it copies of the record that it is about.
    private static func parts(of letter: Record) throws -> (said: [UInt8], origin: [UInt8]) {
        var said = letter.key ?? []
        var origin: [UInt8] = []
        for header in letter.headers {
            if header.name.hasPrefix("origin_") { origin += header.value } else { said += header.value + [10] }
        }
        var object = try #require(
            try JSONSerialization.jsonObject(with: Data(letter.value ?? [])) as? [String: Any])
        let body = try #require(object.removeValue(forKey: "body") as? String)
        let padded =
            body.replacing("-", with: "+").replacing("_", with: "/")
            + String(repeating: "=", count: (4 - body.count % 4) % 4)
        origin += try #require(Data(base64Encoded: padded))
        said += try JSONSerialization.data(withJSONObject: object)
        return (said, origin)
    }
}
