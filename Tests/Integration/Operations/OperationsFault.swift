import Foundation
import Sandbox
import Support

/// One of the things that go wrong in operation, and the alerts that it raises.
struct OperationsFault: Sendable {
    let name: String
    /// The alerts that fire, as ``Alert`` describes them; a bare name stands for all alerts of it.
    let raises: Set<String>
    /// Those of them that somebody is notified of; the others follow from these, and are inhibited.
    let notifies: Set<String>
    /// Whether what follows may be sent before that which it follows from: a process that asks every five seconds does so here, too,
    /// and is late then.
    var isNoticedLate = false
    /// Whether its alert fires on until what it counts is out of its range: the next fault begins beside it, and it must be over when
    /// a fault is over that does not linger.
    var lingers = false
    let play: @Sendable (OperationsScene) async throws -> Void
    let mend: @Sendable (OperationsScene) async throws -> Void

    /// In this order: the mail server asks for the password when a session begins, and before the first order there is none; after
    /// the last one the rate limit admits nothing for a minute.
    static let all = [
        refusedPassword, stoppedWorker, throttlingCRM, slowPostgreSQL, backlog, poisonRecord, brokerDown, steppedClock,
    ]

    private static let refusedPassword = OperationsFault(
        name: "the mail server refuses the password",
        raises: ["ReceiverRefusesUs{worker=confirmations,kind=email}"],
        notifies: ["ReceiverRefusesUs{worker=confirmations,kind=email}"], lingers: true
    ) { scene in
        try Data().write(to: scene.mail.folder.appending(path: "refuse"))
        try await scene.order()
    } mend: { scene in
        try FileManager.default.removeItem(at: scene.mail.folder.appending(path: "refuse"))
        // As the alert's page says: the worker asks again at once.
        try await scene.rotate("confirmations")
    }

    private static let stoppedWorker = OperationsFault(
        name: "a worker stopped",
        raises: ["ProcessGone{job=crm}", "Behind{worker=crm}", "NobodyReads{worker=crm}"],
        notifies: ["ProcessGone{job=crm}"]
    ) { scene in
        try await scene.stop("crm")
        try await scene.order(6)
    } mend: { scene in
        try await scene.relay.waitUntilReady(try scene.start("crm"))
        try scene.watch("crm")
    }

    private static let throttlingCRM = OperationsFault(
        name: "the CRM throttles",
        raises: ["ReceiverPutsOff{worker=crm,kind=hubspot}"], notifies: ["ReceiverPutsOff{worker=crm,kind=hubspot}"],
        lingers: true
    ) { scene in
        scene.sandbox.crm.faults.add(.init(.rateLimited(daily: false, retryAfter: 1), times: 1_000_000))
        try await scene.order(20)
    } mend: { scene in
        scene.sandbox.crm.faults.removeAll()
    }

    private static let slowPostgreSQL = OperationsFault(
        name: "PostgreSQL is slow", raises: ["LedgerSlow"], notifies: ["LedgerSlow"]
    ) { scene in
        try await scene.network.add("latency", .toClient, ["latency": 600])
        scene.keepOrdering(every: .milliseconds(2_000)) { _ in try await scene.order() }
    } mend: { scene in
        try await scene.stopOrdering()
        try await scene.network.remove("latency", .toClient)
    }

    /// More comes than `analytics` takes in, whose way to PostgreSQL is long.
    private static let backlog = OperationsFault(
        name: "a backlog", raises: ["Behind{worker=analytics}"], notifies: ["Behind{worker=analytics}"]
    ) { scene in
        try await scene.analyticsNetwork.add("latency", .toClient, ["latency": 250])
        scene.keepOrdering(every: .milliseconds(50)) { try await scene.orderInCrowd($0) }
    } mend: { scene in
        try await scene.stopOrdering()
        try await scene.analyticsNetwork.remove("latency", .toClient)
    }

    private static let poisonRecord = OperationsFault(
        name: "a poison record",
        raises: Set(["confirmations", "analytics", "crm"].map { "UnreadableOrContradicting{worker=\($0)}" }),
        notifies: Set(["confirmations", "analytics", "crm"].map { "UnreadableOrContradicting{worker=\($0)}" }),
        lingers: true
    ) { scene in
        try await scene.poison()
    } mend: { _ in
    }

    /// Nobody orders meanwhile: it is noticed all the same.
    private static let brokerDown = OperationsFault(
        name: "the broker is down", raises: ["NobodyTakesOrders", "NotReady", "BooksUnread"],
        notifies: ["NobodyTakesOrders"], isNoticedLate: true
    ) { scene in
        try await scene.relay.kafka.ask("kill", "1")
    } mend: { scene in
        try await scene.relay.kafka.ask("restart", "1")
    }

    /// The limit's processes probe the clocks by themselves. For a moment the partitions seem to be apart, too, until all have seen
    /// the step: so the alert may come with and without its kind.
    private static let steppedClock = OperationsFault(
        name: "the broker's clock is stepped", raises: ["LimiterDistrusts"], notifies: ["LimiterDistrusts"]
    ) { scene in
        try scene.clock.set(seconds: 5)
    } mend: { _ in
        // Only forward: what was stamped by the stepped clock stays on the log, and the limit's time never goes back.
    }
}

extension Set<String> {
    /// Whether an alert is one of these.
    func names(_ alert: Alert) -> Bool { contains(alert.description) || contains(alert.name) }
}
