import Crypto
import Intake
import Ledger
import Lifecycle
import World

extension LedgerAge {
    /// No ledger of this world loses what it has committed: one that lacks it is another.
    fileprivate static let olderCopy = {
        var age = LedgerAge()
        age.heard(100)
        age.saw(1)
        return age
    }()
}

/// A partition that a process reads.
final class PartitionTask {
    let partition: Int
    var position: Position?
    /// Whether a transaction, or what leads to it, is under way.
    var isBusy = false
    /// It was taken away: the open transaction ends, and no other begins.
    var isEnding = false

    init(_ partition: Int) { self.partition = partition }
}

// As IntakeOwner and PartitionIntake: readings → fates → plans → one fenced transaction.
extension WorkerProcess {
    // MARK: Assignment

    func assign(_ partition: Int) {
        guard intakes[partition] == nil, !isStopping else { return }
        let task = PartitionTask(partition)
        intakes[partition] = task
        task.isBusy = true
        begin(task, failures: 0)
    }

    /// The ledger's position, checked against the log.
    private func begin(_ task: PartitionTask, failures: Int) {
        ask(MemoryLedger.position(task.partition, base: 0)) { [self] result in
            guard intakes[task.partition] === task else { return }
            if task.isEnding { return drop(task) }
            switch result {
            case .success(let there):
                guard let position = there else { return }
                let (log, source) = (world.log, EventLog.source(task.partition))
                let before = position.lastEvent.flatMap { _ in
                    log.readings(of: task.partition, from: position.next - 1, maximum: 1).first
                }
                do {
                    try PositionCheck.check(
                        position, of: source, offsets: 0..<log.end(of: task.partition), before: before)
                } catch {
                    return world.find(.placeLost(process: title, "\(error)"))
                }
                world.note(title, "reads", "partition \(task.partition) from \(position.next)")
                task.position = position
                next(task)
            case .failure:
                retry(failures) { [self] in begin(task, failures: failures + 1) }
            }
        }
    }

    /// The group has taken the partition away; an open transaction ends first.
    func revoke(_ partition: Int) {
        guard let task = intakes[partition] else { return }
        task.isEnding = true
        if !task.isBusy { drop(task) }
    }

    private func drop(_ task: PartitionTask) {
        if intakes[task.partition] === task { intakes[task.partition] = nil }
        endIfDone()
    }

    private func retry(_ failures: Int, _ body: @escaping () -> Void) {
        later(RetryPolicy.dependency.delay(afterFailures: failures + 1, random: world.dice.randomness), body)
    }

    // MARK: Reading

    func recordsCame(_ partition: Int) {
        guard let task = intakes[partition], !task.isBusy else { return }
        task.isBusy = true
        world.later(self, at: world.now + world.dice.int(millisecond...10 * millisecond)) { [self] in next(task) }
    }

    /// The next records, or rest until some come.
    private func next(_ task: PartitionTask) {
        guard intakes[task.partition] === task, let position = task.position else { return }
        task.isBusy = false
        if task.isEnding { return drop(task) }
        let readings = world.log.readings(
            of: task.partition, from: position.next, maximum: world.dice.int(1...world.weather.batch))
        if readings.isEmpty { return }
        task.isBusy = true
        takeIn(readings, task, isSure: true, failures: 0)
    }

    // MARK: A batch

    /// Until it is taken in, by whomever; after a failure from the position that the ledger then tells.
    private func takeIn(_ readings: [Reading], _ task: PartitionTask, isSure: Bool, failures: Int) {
        if isSure { return attempt(readings, task, failures) }
        ask(MemoryLedger.position(task.partition)) { [self] result in
            switch result {
            case .success(let there):
                do {
                    task.position = try PositionCheck.resume(
                        from: task.position!, at: there, of: EventLog.source(task.partition), age: .olderCopy)
                } catch {
                    return world.find(.placeLost(process: title, "\(error)"))
                }
                attempt(readings.filter { $0.offset >= task.position!.next }, task, failures)
            case .failure: again(readings, task, failures)
            }
        }
    }

    private func again(_ readings: [Reading], _ task: PartitionTask, _ failures: Int) {
        if task.isEnding { return drop(task) }
        retry(failures) { [self] in
            guard intakes[task.partition] === task else { return }
            takeIn(readings, task, isSure: false, failures: failures + 1)
        }
    }

    private func attempt(_ readings: [Reading], _ task: PartitionTask, _ failures: Int) {
        if readings.isEmpty { return next(task) }
        ask(MemoryLedger.known(readings.map(\.id))) { [self] result in
            guard case .success(let known) = result else { return again(readings, task, failures) }
            var folding = Folding(known: known)
            let conflicts = folding.conflictIDs(of: readings)
            if conflicts.isEmpty { return commit(readings, &folding, task, failures) }
            ask(MemoryLedger.known(conflicts)) { [self, folding] result in
                guard case .success(let more) = result else { return again(readings, task, failures) }
                var folding = folding
                folding.learn(more)
                commit(readings, &folding, task, failures)
            }
        }
    }

    private func commit(_ readings: [Reading], _ folding: inout Folding, _ task: PartitionTask, _ failures: Int) {
        let batch = FoldedBatch(readings, readings.map { folding.fate(of: $0) })
        let source = EventLog.source(task.partition)
        let entries = batch.entries(batch.events(of: source).map(world.log.plan))
        let planned = FoldedBatch.planned(entries)
        let room = reserve(planned)
        let intake = IntakeBatch(
            worker: "relay", source: source, owner: owner, from: task.position!.next,
            next: readings.last!.offset + 1, entries: entries, room: room)
        let sentAt = ownNow
        write(intake) { [self] result in
            switch result {
            case .success(let rows):
                task.position!.next = intake.next
                task.position!.lastEvent = entries.last!.id
                task.position!.lastTime = entries.last!.time
                settle(room, planned: planned, rows: rows, lease: lease(sentAt: sentAt))
                next(task)
            case .failure(let error):
                if error.code == .fenced { world.statistics.fenced += 1 }
                abandon(room, isOutcomeUnknown: error.code == .unavailable)
                again(readings, task, failures)
            }
        }
    }

    private func write(_ batch: IntakeBatch, then: @escaping (Result<[LeasedDelivery], LedgerError>) -> Void) {
        guard world.weather.omitted.contains(.oneTransaction) else {
            return ask(MemoryLedger.takeIn(batch), then: then)
        }
        ask(MemoryLedger.takeIn(batch, .positionOnly)) { [self] result in
            guard case .success = result else { return then(result) }
            ask(MemoryLedger.takeIn(batch, .rowsOnly), then: then)
        }
    }
}
