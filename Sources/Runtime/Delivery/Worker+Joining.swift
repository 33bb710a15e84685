import Intake
import Kafka
import Ledger
import Lifecycle
import Synchronization
import Telemetry

extension Worker {
    /// What lies on the topic need not lie here, too: with 64 MB of each partition fetched ahead, as the library would, a
    /// worker that is behind held its whole backlog (280 MB of 200,000 orders). Two a second of each of twelve partitions
    /// are 20,000 orders of a kilobyte, several times what the ledger takes in.
    private static let prefetchBytesMaximum = 2 << 20

    /// Joins the group; returns once the partitions of the first assignment are read.
    func join(_ intake: IntakeOwner) async throws {
        var properties = parts.kafka
        let theirs = properties.notice
        properties.notice = { [weak self] notice in
            theirs?(notice)
            self?.heard(notice)
        }
        let consumer = try Consumer(
            properties, group: group, topics: parts.planner.topics, prefetchBytesMaximum: Self.prefetchBytesMaximum,
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

    /// Some partition is not read because ledger or broker were away for too long: leaves the group and joins it anew,
    /// after a while.
    func rejoin() {
        let isFirst = state.withLock { state in
            if state.isRejoining || state.isStopping { return false }
            state.isRejoining = true
            return true
        }
        guard isFirst else { return }
        Task {
            var failures = 3
            repeat {
                failures += 1
                let delay = RetryPolicy.dependency.delay(afterFailures: failures, random: parts.random)
                try? await parts.time.sleep(until: parts.time.now + delay)
            } while await !joinedAnew()
            state.withLock { $0.isRejoining = false }
        }
    }

    /// Whether there is no more to do.
    private func joinedAnew() async -> Bool {
        let (old, intake) = state.withLock { state -> (Consumer?, IntakeOwner?) in
            if state.isStopping { return (nil, nil) }
            state.isReading = false
            state.waiting = "joins its group anew"
            defer { state.consumer = nil }
            return (state.consumer, state.intake)
        }
        guard let intake else { return true }
        parts.journal.info("joins its group anew", ["group": group])
        await old?.close(timeout: .seconds(10))
        do {
            // The ledger first: without it the partitions would only stop again.
            try await parts.ledger.heartbeat(process: parts.owner, worker: name)
            intake.forgetStops()
            try await join(intake)
            return true
        } catch {
            parts.journal.warning("could not join its group", ["group": group, "why": "\(error)"])
            return state.withLock { $0.isStopping }
        }
    }

    /// What the consumer's client says.
    private func heard(_ notice: ClientNotice) {
        switch notice {
        case .trouble(let error) where error.code == .unknownTopic:
            let isNew = state.withLock { state in
                defer { state.missingTopic = error.message }
                return state.missingTopic == nil
            }
            if isNew { parts.journal.error("a topic is missing: run 'orderrelay topics create'", ["why": "\(error)"]) }
        case .trouble(let error):
            if error.code == .unreachable { state.withLock { $0.reach.heard(trouble: error.message) } }
            trouble.goesOn("\(error)", reason: "\(error.code)")
        case .statistics(let statistics):
            if state.withLock({ $0.reach.heard(brokersUp: statistics.brokersUp) }) == .back { trouble.ends() }
        case .stuck(let partition, let duration):
            parts.journal.warning(
                "records lie on a partition and are not read",
                ["partition": "\(partition)", "seconds": "\(duration.components.seconds)"])
        case .rebalanced(let partitions):
            if !partitions.isEmpty { state.withLock { $0.missingTopic = nil } }
            rebalances.add(1, name)
            parts.journal.info("partitions were assigned", ["worker": name, "count": "\(partitions.count)"])
        case .commitFailed(let error):
            parts.journal.debug("a position was not copied to Kafka", ["why": "\(error)"])
        case .log: break
        }
    }
}
