import Foundation
import Intake
import Kafka
import Ledger
import Lifecycle
import Support
import Testing

@testable import Door

/// Every process as a user of its own on a Kafka that denies whatever is not granted, with the settings of
/// `deploy/compose.secure.yml`.
@Suite("The rights of each process, on a real Kafka", .needsRealKafka, .serialized)
struct KafkaRightsTests {
    /// One right of each of these is granted later than the others: the process must wait, and say what it lacks.
    private static let withheld: [(user: String, right: AccessRight)] = [
        ("ingest", AccessRight(.write, .topic("orders"))),
        ("confirmations", AccessRight(.read, .group("orderrelay-confirmations"))),
        ("analytics", AccessRight(.read, .topic("orders"))),
        ("auditor", AccessRight(.read, .topic("ratelimit"))),
    ]

    @Test(
        "an order goes all the way; nothing is denied, and every right that is granted is used", .timeLimit(.minutes(3))
    )
    func exactly() async throws {
        let scene = try await RightsScene()
        try await grantsAreChecked(scene)
        try await scene.setUp()
        try await missingRightsAreNamed(scene)

        // From here on nothing may be denied, and all start once more.
        for name in scene.members.keys.sorted() { try await scene.stop(name) }
        let start = try scene.secure.log.end()
        try await scene.startAll()
        for member in scene.members.values { try await scene.user("operator").waitUntilReady(member) }
        async let restricted: Void = scene.isRestricted()
        let order = try await scene.order("first")
        try await scene.isWorkedOff(order)
        // A record that nobody can read: its copy is what dead letters are written for.
        try await scene.spoil()
        for worker in ["confirmations", "crm"] {
            try await scene.uses(AccessRight(.write, .topic("dead-letters")), worker, since: start)
        }
        try await eachWorkerAlone(scene, since: start)
        try await restricted
        try await commands(scene)
        try await expectUse(scene, since: start)
        try await strangersAreDenied(scene)
        try await scene.end()
    }

    /// Before anything is granted all is missing; only who may alter the cluster grants.
    private func grantsAreChecked(_ scene: RightsScene) async throws {
        let (admin, commands) = (scene.user("admin"), scene.user("operator"))
        let all = KafkaUser.all.flatMap { user in
            user.rights.map { "missing\tUser:orderrelay-\(user.name)\t\(AclLines.cells($0))" }
        }
        let nothing = try await admin.run("acl", "check")
        #expect(nothing.status == 1 && nothing.output.split(separator: "\n").map(String.init) == all, "\(nothing)")
        let refused = try await commands.run("acl", "create")
        #expect(refused.status == 1 && refused.errors.contains("Cluster authorization failed"), "\(refused)")
        for user in KafkaUser.all {
            let late = Self.withheld.filter { $0.user == user.name }.map(\.right)
            try await scene.grant(user.rights.filter { !late.contains($0) }, to: user.name)
        }
    }

    private func missingRightsAreNamed(_ scene: RightsScene) async throws {
        for (user, right) in Self.withheld {
            let member = try #require(scene.members[user])
            let said = Shared("")
            try await eventually("\(user) says that it lacks \(right): \(said.now)", within: .seconds(30)) {
                let (isReady, text) = await member.readiness()
                said.now = text
                return !isReady && text.contains(right.resource.name) && text.contains("`orderrelay acl check`")
            }
        }
        let check = try await scene.user("operator").run("acl", "check")
        let missing = Self.withheld.map { "missing\tUser:orderrelay-\($0.user)\t\(AclLines.cells($0.right))" }
        #expect(check.status == 1 && check.output.split(separator: "\n").map(String.init) == missing, "\(check)")
        let doctor = try await scene.user("operator").run("doctor")
        for (user, right) in Self.withheld {
            #expect(
                doctor.status == 1 && doctor.output.contains("fault\trights\t\(user) lacks \(right)\n"), "\(doctor)")
        }
        let created = try await scene.user("admin").told("acl", "create").split(separator: "\n")
        #expect(created.count { $0.hasSuffix("\tcreated") } == missing.count, "\(created)")
        #expect(created.count == KafkaUser.all.reduce(0) { $0 + $1.rights.count })
        // Each goes on by itself.
        for member in scene.members.values { try await scene.user("operator").waitUntilReady(member) }
    }

    /// Whoever writes the ledger publishes its changes: each worker has them for itself once, when it comes back to partitions of
    /// which it has read something. Meanwhile the auditor looks at what the others have not read.
    private func eachWorkerAlone(_ scene: RightsScene, since start: UInt64) async throws {
        let workers = Processes.workers.map(\.name)
        for worker in workers { try await scene.stop(worker) }
        _ = try await scene.order("unread")
        try await scene.uses(AccessRight(.read, .topic("orders")), "auditor", since: start)
        for worker in workers {
            try await scene.start(worker)
            try await scene.ledger.republishControl()
            try await scene.uses(AccessRight(.write, .topic("control")), worker, since: start)
            try await scene.user(worker).waitUntilReady(scene.members[worker]!)
            try await scene.stop(worker)
        }
    }

    private func commands(_ scene: RightsScene) async throws {
        let commands = scene.user("operator")
        for words in [["topics", "check"], ["acl", "check"], ["audit"], ["audit", "--limit"], ["doctor"]] {
            let said = try await commands.run(words)
            #expect(said.status == 0, "\(words): \(said)")
            if words == ["doctor"] { #expect(said.output.contains("ok\trights\t"), "\(said)") }
        }
        for verb in ["show", "lift"] {
            let said = try await commands.run(["ratelimit", verb, "--token", scene.hammered.id])
            #expect(said.status == 0, "\(said)")
        }
        // On a ledger of its own, which lacks everything that the groups' positions tell of.
        let other = scene.user("operator", ledger: scene.secure.kafka.fresh("empty"))
        let reintake = try await other.run("reintake")
        #expect(reintake.status == 0, "\(reintake)")
    }

    private func expectUse(_ scene: RightsScene, since start: UInt64) async throws {
        let (all, later) = (try scene.secure.log.entries(), try scene.secure.log.entries(since: start))
        for user in KafkaUser.all {
            let principal = "User:orderrelay-\(user.name)"
            // Topics were created before.
            let entries = user.name == KafkaUser.commands.name ? all : later
            for right in user.rights {
                #expect(entries.contains { $0.isUse(of: right, by: principal) }, "\(user.name) never needs \(right)")
            }
        }
        let denied = later.filter { !$0.isAllowed }
        #expect(denied.isEmpty, "\(denied.map(\.description).sorted())")
    }

    /// What a process has no right to is denied it; nobody comes in without the password, or without TLS.
    private func strangersAreDenied(_ scene: RightsScene) async throws {
        let producer = try Producer(try scene.secure.properties(of: "crm"))
        let write = await #expect(throws: KafkaError.self) {
            try await producer.send(OutgoingRecord(topic: "orders", key: [1], value: [2]), timeout: .seconds(5))
        }
        #expect(write?.code == .notAllowed && write?.message.contains("topic orders") == true, "\(write as Any)")
        await producer.close(timeout: .seconds(1))
        let read = await #expect(throws: KafkaError.self) {
            _ = try await TopicReader(try scene.secure.properties(of: "confirmations"), topic: "ratelimit")
        }
        #expect(read?.code == .notAllowed && read?.message.contains("topic ratelimit") == true, "\(read as Any)")

        let good = try scene.secure.properties(of: "crm")
        for (words, changes) in [
            ("a wrong password", ["sasl.password": "0123456789abcdef"]),
            ("no TLS", ["security.protocol": "sasl_plaintext"]),
            ("a certificate that is not trusted", ["ssl.ca.location": "/etc/ssl/certs"]),
        ] {
            let admin = try Admin(good.replacing(changes))
            await #expect(throws: KafkaError.self, "\(words)") {
                try await admin.clusterID(timeout: .milliseconds(700))
            }
            await admin.close()
        }
        let admin = try Admin(good)
        #expect(try await admin.clusterID(timeout: .seconds(5)).isEmpty == false)
        await admin.close()
    }
}
