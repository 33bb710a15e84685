import Foundation
import Sandbox
import Support

/// One thing that goes wrong while orders come in, and is put right again.
struct CampaignFault: Sendable {
    /// What has to pass before everything is done again, beside the work itself.
    enum Wait: String, Sendable {
        case nothing
        /// What no process holds any more comes back when its lease of 30 s is over, and is found by the next look.
        case lease
        /// A receiver that failed is asked again when its rows' next attempts are due.
        case attempts

        /// Within which everything that was accepted must be done, counted from when the fault is over.
        var bound: Duration {
            switch self {
            case .nothing: .seconds(10)
            case .lease: .seconds(45)
            case .attempts: .seconds(90)
            }
        }
    }

    let name: String
    var waits = Wait.nothing
    /// Whether a buyer may get a message again: only where a process died, or stood still for longer than its lease, with the
    /// message in flight, or where the ledger lost that it was sent.
    var mayRepeat = false
    /// Whether the ledger loses what it had said to hold: that is done again, and so a deal shows an older change for a moment.
    var losesCommits = false
    /// Whether it belongs to the short form.
    var isShort = false
    /// Plays it; it is over when this returns.
    let play: @Sendable (CampaignScene) async throws -> Void

    /// In the order of their names here; a campaign shuffles them. Those that take the primary away for good come last.
    static let all: [CampaignFault] = processes + brokers + ledger + receivers

    private static let processes: [CampaignFault] =
        [
            CampaignFault(name: "one of each worker killed", waits: .lease, mayRepeat: true, isShort: true) { scene in
                for name in CampaignScene.workers { try await scene.replace(name) }
            },
            CampaignFault(name: "ingest killed", isShort: true) { try await $0.replace("ingest") },
            CampaignFault(name: "ingest frozen for 8 s") { scene in
                let frozen = try await scene.freeze("ingest")
                try await Task.sleep(for: .seconds(8))
                scene.thaw(frozen)
            },
            CampaignFault(name: "one of each process stopped", isShort: true) { scene in
                for name in CampaignScene.workers + ["ingest"] { try await scene.rotate(name) }
            },
        ]
        + CampaignScene.workers.flatMap { name in
            [
                CampaignFault(name: "\(name) killed", waits: .lease, mayRepeat: name == "confirmations") {
                    try await $0.replace(name)
                },
                CampaignFault(
                    name: "\(name) frozen past its lease", waits: .lease, mayRepeat: name == "confirmations"
                ) { scene in
                    let frozen = try await scene.freeze(name)
                    try await Task.sleep(for: .seconds(36))
                    scene.thaw(frozen)
                },
            ]
        }

    private static let brokers = [
        CampaignFault(name: "a broker killed", isShort: true) { scene in
            try await scene.relay.kafka.ask("kill", "2")
            try await Task.sleep(for: .seconds(5))
            try await scene.relay.kafka.ask("restart", "2")
        },
        CampaignFault(name: "a broker frozen for 8 s") { scene in
            try await scene.relay.kafka.ask("freeze", "3")
            try await Task.sleep(for: .seconds(8))
            try await scene.relay.kafka.ask("thaw", "3")
        },
    ]

    private static let ledger: [CampaignFault] =
        [
            CampaignFault(name: "PostgreSQL restarted") { scene in
                try await scene.primary.stop()
                try await scene.primary.start()
            },
            CampaignFault(name: "PostgreSQL killed", isShort: true) { scene in
                try await scene.primary.kill()
                try await scene.primary.start()
            },
            CampaignFault(name: "PostgreSQL frozen for 8 s", isShort: true) { scene in
                try scene.primary.freeze()
                try await Task.sleep(for: .seconds(8))
                try scene.primary.thaw()
            },
            CampaignFault(name: "the network to PostgreSQL cut for 8 s", isShort: true) { scene in
                try await scene.disturb("timeout", ["timeout": 0], for: .seconds(8))
            },
            CampaignFault(name: "the network to PostgreSQL slow for 8 s") { scene in
                try await scene.disturb("latency", ["latency": 100, "jitter": 50], for: .seconds(8))
            },
            CampaignFault(name: "connections to PostgreSQL reset in mid-pipeline", isShort: true) { scene in
                for _ in 0..<5 { try await scene.disturb("reset_peer", ["timeout": 15], for: .milliseconds(300)) }
            },
            CampaignFault(name: "no connection to PostgreSQL left for 5 s") { scene in
                try await scene.primary.sql("ALTER ROLE \(PostgreSQLServer.role) CONNECTION LIMIT 0")
                try await scene.endSessions()
                try await Task.sleep(for: .seconds(5))
                try await scene.primary.sql("ALTER ROLE \(PostgreSQLServer.role) CONNECTION LIMIT -1")
            },
            CampaignFault(name: "a backup's transaction open for 10 s") { try await $0.dump(for: 10) },
        ]
        + (PostgreSQLServer.canMount
            ? [
                CampaignFault(name: "PostgreSQL's disk full for 5 s") { scene in
                    let filler = scene.primary.data.appending(path: "filler")
                    // Whatever is left but 2 MB; the log keeps growing until nothing is.
                    try runCommand([
                        "sh", "-c",
                        "head -c 2G /dev/zero > '\(filler.path)' 2>/dev/null; truncate -s -2M '\(filler.path)'",
                    ])
                    try await Task.sleep(for: .seconds(5))
                    try FileManager.default.removeItem(at: filler)
                    // Where its log could not grow any more, it has ended.
                    if (try? await scene.primary.sql("SELECT 1")) == nil { try? await scene.primary.start() }
                }
            ] : [])

    private static let receivers = [
        CampaignFault(name: "the CRM answers 429", waits: .attempts) { scene in
            scene.sandbox.crm.faults.add(.init(.rateLimited(daily: false, retryAfter: 2), times: 30))
            try await scene.eventuallyUsedUp()
        },
        CampaignFault(name: "the CRM answers 500", waits: .attempts, isShort: true) { scene in
            scene.sandbox.crm.faults.add(.init(.status(500), times: 20))
            try await scene.eventuallyUsedUp()
        },
        CampaignFault(name: "the CRM acts and does not answer", waits: .attempts) { scene in
            scene.sandbox.crm.faults.add(.init(.closeDone, times: 10))
            scene.sandbox.crm.faults.add(.init(.hangDone, times: 4))
            try await scene.eventuallyUsedUp()
        },
        CampaignFault(name: "the mail server refuses for 60 s", waits: .attempts) { scene in
            scene.sandbox.mailFaults.add(.init(.rcpt, .reply("451 4.3.0 try later"), times: 1_000_000))
            try await Task.sleep(for: .seconds(60))
            scene.sandbox.mailFaults.removeAll()
        },
    ]

    /// The primary dies, and the standby takes its place: first one that has all that was confirmed; then one that lacks the
    /// commits of some seconds, less than two beats of the ledger, so that they are done again. What it has as in flight may
    /// have been done since by a process that holds it no more: it comes back with its lease.
    static let failovers = [
        CampaignFault(name: "failover to the synchronous standby") { try await $0.failOver() },
        CampaignFault(
            name: "failover to an asynchronous standby, 4 s behind", waits: .lease, mayRepeat: true, losesCommits: true
        ) { scene in
            try await scene.followAgain()
            try await scene.leaveStandbyBehind()
            try await Task.sleep(for: .seconds(4))
            try await scene.failOver()
        },
    ]
}

extension CampaignScene {
    /// Adds a fault to the network for a while, in both directions.
    fileprivate func disturb(_ toxic: String, _ attributes: [String: Int], for duration: Duration) async throws {
        let directions = [Toxiproxy.Direction.toServer, .toClient]
        for direction in directions { try await network.add(toxic, direction, attributes) }
        try await Task.sleep(for: duration)
        for direction in directions { try await network.remove(toxic, direction) }
    }

    /// Waits until the CRM has misbehaved as often as it was told to.
    fileprivate func eventuallyUsedUp() async throws {
        try await eventually("the CRM's faults are used up", within: .seconds(60)) {
            sandbox.crm.faults.waiting.isEmpty
        }
    }
}
