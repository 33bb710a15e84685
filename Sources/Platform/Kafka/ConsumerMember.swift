internal import CLibrdkafka
internal import Primitives
internal import Synchronization

/// Feeds a group member's events into its ``Membership``, and performs the actions that follow.
///
/// Everything is decided on the client's own thread: events of the library come in there, and what owners report is put
/// into an inbox that the thread empties.
final class ConsumerMember: ClientEventHandler, PartitionStreamOwner {
    /// What other threads report to the client's thread.
    private enum Message {
        case positioned(TopicPartition, StartOffset?, epoch: Int)
        case ownerReturned(TopicPartition, epoch: Int)
        case close(Bounds)
    }

    /// How long each step may take.
    struct Bounds {
        var start = Duration.seconds(5)
        var drain = Duration.seconds(8)
        var commit = Duration.seconds(2)
        var leave = Duration.seconds(2)

        /// Those of closing within `timeout`; the rest of it is for the library's own end.
        init(closingWithin timeout: Duration) {
            drain = timeout / 2
            commit = timeout / 8
            leave = timeout / 8
        }
        init() {}
    }

    /// What only the client's thread touches, except to look.
    private struct State {
        var membership = Membership()
        var bounds = Bounds()
        var deadline: Int64?
        var streams: [TopicPartition: PartitionStream] = [:]
        /// Owners of partitions, until they return; a new one of the same partition waits for the old one.
        var owners: [TopicPartition: Task<Void, Never>] = [:]
        var watchdog = Watchdog()
    }

    let ready = Once<Void>()
    private let finished = Once<Void>()
    private let native: NativeClient
    private let properties: ClientProperties
    private let owner: any PartitionOwner
    private let state = Mutex(State())
    private let commits = Mutex(CommitBook())
    private let inbox = Mutex<[Message]>([])

    init(
        _ properties: ClientProperties, group: String, topics: [String], prefetchBytesMaximum: Int?,
        owner: any PartitionOwner
    ) throws(KafkaError) {
        let role = ClientRules.Role.member(group: group, prefetchBytesMaximum: prefetchBytesMaximum)
        native = try NativeClient(RD_KAFKA_CONSUMER, ClientConfiguration(role, properties))
        self.properties = properties
        self.owner = owner
        let list = PartitionList(capacity: topics.count)
        for topic in topics {
            list.add(TopicPartition(topic: topic, partition: ORDERRELAY_PARTITION_UNASSIGNED), offset: 0)
        }
        let failure = rd_kafka_subscribe(native.handle, list.list)
        guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(failure, "the group \(group) cannot be joined for \(topics.joined(separator: ", "))")
        }
        native.run(self)
    }

    var assignment: Set<TopicPartition> { state.withLock { $0.membership.assignment } }

    var progress: [PartitionProgress] {
        let streams = state.withLock { Array($0.streams.values) }
        let now = MachineClock.boot.milliseconds
        return streams.map { stream in
            let reading = stream.reading
            return PartitionProgress(
                partition: stream.partition, nextOffset: reading.nextOffset, logEnd: stream.logEnd,
                idle: .milliseconds(now - reading.movedAt), isWaiting: reading.isWaiting)
        }
    }

    /// Begins to close. Opened then: first when the group has been left, then when the library has let go.
    func close(within timeout: Duration) -> (finished: Once<Void>, destroyed: Once<Void>) {
        post(.close(Bounds(closingWithin: timeout)))
        return (finished, native.destroyed)
    }

    /// Ends the client's thread.
    func stop() { native.stop() }

    /// The consumer was released: it leaves without waiting for anyone.
    func abandon() {
        guard !finished.isOpen else { return }
        post(.close(Bounds(closingWithin: .seconds(2))))
    }

    private func post(_ message: Message) {
        let isFirst = inbox.withLock { inbox in
            inbox.append(message)
            return inbox.count == 1
        }
        if isFirst { native.wake() }
    }

    // MARK: Positions

    func commit(_ stream: PartitionStream, _ nextOffset: Int64, _ metadata: String) {
        let isCurrent = state.withLock { $0.streams[stream.partition] === stream }
        guard isCurrent else { return }
        commits.withLock { $0.note(stream.partition, .init(nextOffset: nextOffset, metadata: metadata)) }
    }

    func tolerated(_ error: KafkaError) { properties.notice?(.trouble(error)) }

    private func sendCommits() {
        guard let batch = commits.withLock({ $0.takeBatch() }) else { return }
        let list = PartitionList(capacity: batch.count)
        for (partition, position) in batch { list.add(partition, committing: position) }
        let failure = rd_kafka_commit_queue(native.handle, list.list, native.queue, nil, nil)
        guard failure != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        commitsAnswered(KafkaError(failure, "positions were not committed"), failed: Set(batch.keys))
    }

    private func commitsAnswered(_ error: KafkaError?, failed: Set<TopicPartition>) {
        commits.withLock { $0.finished(failed: failed) }
        if let error { properties.notice?(.commitFailed(error)) }
        settleCommits()
    }

    /// While partitions are being given up: everything sent and answered is what the membership waits for.
    private func settleCommits() {
        guard case .committing = state.withLock({ $0.membership.state }) else { return }
        // One more list may have gathered behind the one that was in flight; a failed one is not tried again here.
        sendCommits()
        if commits.withLock({ $0.isSettled || $0.isHeld }) { feed { $0.committed() } }
    }

    // MARK: The client's thread

    var pollMillisecondsMaximum: Int32 {
        let deadline = state.withLock { $0.deadline }
        // Positions are gathered for this long; it is also how often the watchdog looks.
        return Int32(clamping: min(max(0, (deadline ?? .max) - MachineClock.boot.milliseconds), 250))
    }

    func handle(_ event: OpaquePointer) {
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_REBALANCE: rebalance(event)
        case RD_KAFKA_EVENT_OFFSET_COMMIT:
            let elements = PartitionList.read(UnsafePointer(rd_kafka_event_topic_partition_list(event)))
            let number = rd_kafka_event_error(event)
            let failed = elements.filter {
                number != RD_KAFKA_RESP_ERR_NO_ERROR || $0.error != RD_KAFKA_RESP_ERR_NO_ERROR
            }
            let reason = number != RD_KAFKA_RESP_ERR_NO_ERROR ? number : failed.first?.error
            commitsAnswered(
                reason.map { KafkaError($0, "positions were not committed") }, failed: Set(failed.map(\.partition)))
        default: _ = properties.tell(of: event, handle: native.handle)
        }
    }

    private func rebalance(_ event: OpaquePointer) {
        let partitions = Set(
            PartitionList.read(UnsafePointer(rd_kafka_event_topic_partition_list(event))).map(\.partition))
        if rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            properties.notice?(.rebalanced(partitions))
            feed { $0.assigned(partitions) }
        } else {
            let isLost = rd_kafka_assignment_lost(native.handle) != 0
            feed { $0.revoked(lost: isLost) }
        }
    }

    func tick() {
        let messages = inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
        for message in messages {
            switch message {
            case .positioned(let partition, let start, let epoch):
                feed { $0.positioned(partition, start, epoch: epoch) }
            case .ownerReturned(let partition, let epoch): feed { $0.ownerReturned(partition, epoch: epoch) }
            case .close(let bounds):
                state.withLock { $0.bounds = bounds }
                feed { $0.close() }
            }
        }
        let now = MachineClock.boot.milliseconds
        if let deadline = state.withLock({ $0.deadline }), deadline <= now { feed { $0.timeUp() } }
        if rd_kafka_consumer_closed(native.handle) != 0 { feed { $0.left() } }
        sendCommits()
        watch(now)
    }

    private func watch(_ now: Int64) {
        guard let notice = properties.notice else { return }
        let streams = state.withLock { $0.watchdog.isDue(now) ? Array($0.streams.values) : [] }
        guard !streams.isEmpty else { return }
        let seen = streams.map { Watchdog.Seen($0.partition, $0.reading, logEnd: $0.logEnd) }
        for (partition, idle) in state.withLock({ $0.watchdog.look(seen, now: now) }) {
            notice(.stuck(partition, for: .milliseconds(idle)))
        }
    }

    // MARK: Doing

    /// Gives the membership an event, and does what it says.
    private func feed(_ event: (inout Membership) -> [Membership.Action]) {
        let (actions, epoch) = state.withLock { (event(&$0.membership), $0.membership.epoch) }
        for action in actions { run(action, epoch) }
    }

    private func run(_ action: Membership.Action, _ epoch: Int) {
        switch action {
        case .askPositions(let partitions): for partition in partitions { askPosition(partition, epoch) }
        case .reportLate(let partitions): for partition in partitions { reportLate(partition) }
        case .assign(let positions): assign(positions, epoch)
        case .assignAlso(let partition, let start): assignAlso(partition, start, epoch)
        case .endStreams(let partitions, let isLost):
            if isLost { commits.withLock { $0.forget(partitions) } }
            for stream in current(partitions) { stream.end(lost: isLost) }
        case .abandon(let partitions):
            commits.withLock { $0.forget(partitions) }
            for stream in current(partitions) { stream.end(lost: true) }
        case .commit: settleCommits()
        case .holdCommits: commits.withLock { $0.hold() }
        case .releaseCommits: commits.withLock { $0.release() }
        case .unassign: unassign()
        case .becomeReady: ready.open()
        case .startClock(let clock): startClock(clock)
        case .stopClock: state.withLock { $0.deadline = nil }
        case .leave: leave()
        case .finish: finish()
        }
    }

    private func current(_ partitions: Set<TopicPartition>) -> [PartitionStream] {
        state.withLock { state in partitions.compactMap { state.streams[$0] } }
    }

    private func startClock(_ clock: Membership.Clock) {
        state.withLock { state in
            let duration =
                switch clock {
                case .start: state.bounds.start
                case .drain: state.bounds.drain
                case .commit: state.bounds.commit
                case .leave: state.bounds.leave
                }
            state.deadline = MachineClock.boot.milliseconds + duration.milliseconds
        }
    }

    private func askPosition(_ partition: TopicPartition, _ epoch: Int) {
        let owner = owner
        Task {
            do {
                let start = try await owner.start(of: partition)
                post(.positioned(partition, start, epoch: epoch))
            } catch {
                post(.positioned(partition, nil, epoch: epoch))
                await owner.partitionStopped(partition, error: error)
            }
        }
    }

    private func reportLate(_ partition: TopicPartition) {
        let owner = owner
        let error = KafkaError(
            .timedOut, "no position was found for \(partition) in time: it is read once there is one",
            isRetriable: true)
        Task { await owner.partitionStopped(partition, error: error) }
    }

    private func assign(_ positions: [TopicPartition: StartOffset], _ epoch: Int) {
        // The queues are taken out of the common one before anything is fetched into them.
        let streams = positions.map { PartitionStream($0, start: $1, native, self) }
        state.withLock { state in
            state.streams = Dictionary(uniqueKeysWithValues: streams.map { ($0.partition, $0) })
            state.watchdog.restart(MachineClock.boot.milliseconds)
        }
        assign(positions)
        for stream in streams { startOwner(stream, epoch) }
    }

    private func assign(_ positions: [TopicPartition: StartOffset]) {
        let list = PartitionList(positions)
        let failure = rd_kafka_assign(native.handle, list.list)
        if failure != RD_KAFKA_RESP_ERR_NO_ERROR {
            properties.notice?(.trouble(KafkaError(failure, "the assigned partitions cannot be read")))
        }
    }

    /// Reads one more partition. The library takes the whole list again, so the others go on from where they are; what
    /// they had fetched is fetched again, and what they had handed out is not handed out twice.
    private func assignAlso(_ partition: TopicPartition, _ start: StartOffset, _ epoch: Int) {
        let stream = PartitionStream(partition, start: start, native, self)
        let streams = state.withLock { state in
            state.streams[partition] = stream
            return state.streams
        }
        assign(streams.mapValues { $0.resumption })
        startOwner(stream, epoch)
    }

    private func startOwner(_ stream: PartitionStream, _ epoch: Int) {
        let owner = owner
        let partition = stream.partition
        state.withLock { state in
            let before = state.owners[partition]
            state.owners[partition] = Task {
                await before?.value
                do {
                    try await owner.consume(stream)
                } catch {
                    await owner.partitionStopped(partition, error: error)
                }
                post(.ownerReturned(partition, epoch: epoch))
            }
        }
    }

    private func unassign() {
        rd_kafka_assign(native.handle, nil)
        let streams = state.withLock { state in
            defer { state.streams = [:] }
            return state.streams
        }
        for stream in streams.values {
            stream.end(lost: stream.isLost)
            stream.discard()
        }
    }

    private func leave() {
        if let error = rd_kafka_consumer_close_queue(native.handle, native.queue) {
            properties.notice?(.trouble(KafkaError(consuming: error, "the group was not left")))
            feed { $0.left() }
        }
    }

    private func finish() {
        state.withLock { $0.streams = [:] }
        finished.open()
        native.stop()
    }
}
