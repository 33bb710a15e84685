import Intake
import Kafka
import Ledger
import Lifecycle
import Primitives
import Synchronization
import Telemetry

extension Worker {
    /// What is on the topic need not be in memory, too: with the library's default of 64 MB fetched ahead for each
    /// partition, a worker that lagged held its whole backlog (280 MB for 200,000 orders). Two fetches a second for
    /// each of twelve partitions are 20,000 orders of a kilobyte, several times what the ledger takes in.
    private static let prefetchBytesMaximum = 2 << 20

    /// Joins the group; returns once the partitions of the first assignment are read.
    func join(_ intake: IntakeOwner) async throws {
        var properties = kafka
        let theirs = properties.notice
        properties.notice = { [weak self] notice in
            theirs?(notice)
            self?.heard(notice)
        }
        let consumer = try Consumer(
            properties, group: group, topics: planner.topics, prefetchBytesMaximum: Self.prefetchBytesMaximum,
            owner: intake)
        let isStopping = state.withLock { state in
            if !state.isStopping { state.consumer = consumer }
            return state.isStopping
        }
        if isStopping {
            await consumer.close(timeout: .seconds(2))
            throw CancellationError()
        }
        await withReadiness(of: consumer)
        state.withLock { $0.isReading = !$0.isStopping }
    }

    /// Returns once the consumer reads its partitions, or the worker stops.
    private func withReadiness(of consumer: Consumer) async {
        let once = Once<Void>()
        state.withLock { $0.stopped }.then { once.give(()) }
        Task {
            await consumer.ready()
            once.give(())
        }
        await once.value
    }

    /// Some partition is not read because ledger or broker were unavailable for too long, or is to be read from another
    /// position: leaves the group and rejoins it after a while.
    func rejoin() {
        let isFirst = state.withLock { state in
            if state.isRejoining || state.isStopping { return false }
            state.isRejoining = true
            return true
        }
        guard isFirst else { return }
        Task {
            let delay = RetryPolicy.dependency.delay(afterFailures: 4, random: context.random)
            try? await context.time.sleep(until: context.time.now + delay)
            let outage = Outage(of: "its consumer group", log: context.log)
            try? await outage.persistently(time: context.time, random: context.random, reason: outageReason(of:)) { _ in
                try await joinAgain()
            }
            state.withLock { $0.isRejoining = false }
        }
    }

    /// Returns without having joined if the worker stops.
    private func joinAgain() async throws {
        let (old, intake) = state.withLock { state -> (Consumer?, IntakeOwner?) in
            if state.isStopping { return (nil, nil) }
            state.isReading = false
            state.waiting = "rejoining its group"
            defer { state.consumer = nil }
            return (state.consumer, state.intake)
        }
        guard let intake else { return }
        context.log.info("rejoining the consumer group", ["group": group])
        await old?.close(timeout: .seconds(10))
        // The ledger first: without it the partitions would just stop again.
        try await context.ledger.heartbeat(process: context.owner, worker: name)
        intake.assigned([])
        try await join(intake)
    }

    /// As `orders/0,1,5`, a topic after another.
    private static func list(_ partitions: Set<TopicPartition>) -> String {
        Dictionary(grouping: partitions, by: \.topic).sorted { $0.key < $1.key }.map { topic, partitions in
            "\(topic)/" + partitions.map(\.partition).sorted().map(String.init).joined(separator: ",")
        }.joined(separator: " ")
    }

    /// Handles the reports of the consumer's client.
    private func heard(_ notice: ClientNotice) {
        switch notice {
        case .trouble(let error) where error.code == .unknownTopic:
            let isNew = state.withLock { state in
                defer { state.missingTopic = error.message }
                return state.missingTopic == nil
            }
            if isNew { context.log.error("a topic is missing: run 'orderrelay topics create'", ["why": "\(error)"]) }
        case .trouble(let error) where error.code == .fatal:
            // The client does nothing any more, and a new one would only put the other process out in turn.
            halt(
                "this process is out of its consumer group: \(error.message); give each process a KAFKA_GROUP_INSTANCE_ID of its own, or none, and restart it"
            )
        case .trouble(let error):
            if error.code == .notAllowed { state.withLock { $0.denied = error.message } }
            if error.code == .unreachable { state.withLock { $0.reach.heard(trouble: error.message) } }
            trouble.goesOn("\(error)", reason: "\(error.code)")
        case .statistics(let statistics):
            if state.withLock({ $0.reach.heard(brokersUp: statistics.brokersUp) }) == .back { trouble.ends() }
        case .stuck(let partition, let duration):
            context.log.warning(
                "a partition has records that are not being read",
                ["partition": "\(partition)", "seconds": "\(duration.components.seconds)"])
        case .rebalanced(let partitions):
            let (intake, engine) = state.withLock { state in
                if !partitions.isEmpty { (state.missingTopic, state.denied) = (nil, nil) }
                return (state.intake, state.engine)
            }
            intake?.assigned(partitions)
            // A process that has left the group has given its rows back before.
            engine?.lookForDueRows()
            rebalances.add(1, name)
            context.log.info(
                "partitions were assigned",
                ["worker": name, "count": "\(partitions.count)", "partitions": Self.list(partitions)])
        case .commitFailed(let error):
            context.log.debug("a position was not committed to Kafka", ["why": "\(error)"])
        case .log: break
        }
    }
}
