import RateLimit
import World

extension Simulation {
    func handle(_ event: Event) {
        switch event {
        case .arrivals(let load): arrive(load)
        case .append(let partition, let bytes): append(bytes, to: partition)
        case .deliver(let machine, let incarnation, let partition):
            awake(machine, incarnation, event) { self.deliver(to: machine, partition: partition) }
        case .failed(let machine, let incarnation, let producer, let partition, let isProbe):
            awake(machine, incarnation, event) {
                guard self.machines[machine].producer == producer else { return }
                self.note(self.name(machine), "failed", "a record is reported as not delivered")
                self.drive(machine, partition) { $0.deliveryFailed(isProbe: isProbe, now: $1, into: &$2) }
            }
        case .tick(let machine, let incarnation, let partition):
            awake(machine, incarnation, event) {
                guard self.machines[machine].tickAt[partition] <= self.now else { return }
                self.machines[machine].tickAt[partition] = .max
                self.drive(machine, partition) { $0.tick(now: $1, into: &$2) }
            }
        case .start(let machine): start(machine)
        case .crash, .freeze, .replaceProducer, .changeLeader, .jump, .jumpOwnClock: misfortune(event)
        case .minute(let minute): referee.startReplica(minute: minute)
        }
    }

    /// Runs what happens to a process, unless it is gone; after its freeze, if it is frozen.
    private func awake(_ machine: Int, _ incarnation: Int, _ event: Event, _ body: () -> Void) {
        guard machines[machine].isUp, machines[machine].incarnation == incarnation else { return }
        guard machines[machine].frozenUntil <= now else {
            return queue.plan(event, at: machines[machine].frozenUntil)
        }
        body()
    }

    func name(_ machine: Int) -> String { "p\(machine).\(machines[machine].incarnation)" }

    /// A record reaches its partition's leader.
    private func append(_ bytes: [UInt8], to partition: Int) {
        logs[partition].append(bytes, timestamp: clock.milliseconds(at: now), at: now)
        stats.records += 1
        let offset = logs[partition].entries.count - 1
        note("log \(partition)", "append", "\(offset): \(Self.told(bytes))")
        let finding = referee.read(logs[partition].entries[offset], partition: partition, offset: offset)
        if let finding { find(finding) }
        for machine in machines.indices where machines[machine].isUp { planDelivery(to: machine, partition: partition) }
    }

    private func planDelivery(to machine: Int, partition: Int) {
        let at = max(machines[machine].lastDelivery[partition], now + latency(weather.readLatency))
        machines[machine].lastDelivery[partition] = at
        let incarnation = machines[machine].incarnation
        queue.plan(.deliver(machine: machine, incarnation: incarnation, partition: partition), at: at)
    }

    private func latency(_ usual: ClosedRange<TrueTime>) -> TrueTime {
        chance.int(chance.happens(weather.tailShare) ? weather.tail : usual)
    }

    /// The next record of a partition comes through to a process.
    private func deliver(to machine: Int, partition: Int) {
        let offset = machines[machine].nextOffset[partition]
        guard offset < logs[partition].entries.count else { return }
        machines[machine].nextOffset[partition] = offset + 1
        let entry = logs[partition].entries[offset]
        let jumpsBefore = machines[machine].claimants[partition].watch.jumps
        var reading: Reading?
        drive(machine, partition) { claimant, now, actions in
            reading = claimant.read(
                entry.bytes, offset: Int64(offset), timestamp: entry.timestamp, now: now, into: &actions)
        }
        if case .claim(_, let verdict?)? = reading, verdict != referee.verdict(partition: partition, offset: offset) {
            find(.verdictDiffers(partition: partition, offset: offset, of: name(machine)))
        }
        if machines[machine].claimants[partition].watch.jumps > jumpsBefore {
            note(name(machine), "alarm", "the broker's clock has jumped")
            // Rates apart, a gain of 80 ms is what the watch lets pass.
            let isTrue = weather.brokerJump.map { $0.at <= now && $0.by > 50 * millisecond } ?? false
            if !isTrue { find(.falseAlarm(process: machine, at: now)) }
        }
    }

    /// Lets a claimant handle an event, and does what it wants done.
    func drive(_ machine: Int, _ partition: Int, _ body: (inout Claimant, OwnTime, inout [Action]) -> Void) {
        var actions: [Action] = []
        body(&machines[machine].claimants[partition], machines[machine].ownTime(at: now), &actions)
        for action in actions { perform(action, machine, partition) }
        setTick(machine, partition)
    }

    private func setTick(_ machine: Int, _ partition: Int) {
        let due = machines[machine].claimants[partition].nextTick
        guard due != .never else { return }
        let at = max(now, machines[machine].trueTime(of: due, now: now))
        guard at < machines[machine].tickAt[partition] else { return }
        machines[machine].tickAt[partition] = at
        let incarnation = machines[machine].incarnation
        queue.plan(.tick(machine: machine, incarnation: incarnation, partition: partition), at: at)
    }

    private func perform(_ action: Action, _ machine: Int, _ partition: Int) {
        switch action {
        case .append(let bytes, let key): send(bytes, isProbe: key == nil, from: machine, to: partition)
        case .answer(let ticket, let answer):
            guard let request = machines[machine].waiting.removeValue(forKey: ticket) else { return }
            answered(answer, request, by: machine, partition)
        case .replaceProducer: replaceProducer(of: machine)
        case .restrict: break
        }
    }

    func replaceProducer(of machine: Int) {
        machines[machine].producer += 1
        note(name(machine), "producer", "is replaced")
        for partition in machines[machine].claimants.indices {
            drive(machine, partition) { $0.producerReplaced(now: $1, into: &$2) }
        }
    }

    /// A record is on its way; what becomes of it is chance.
    private func send(_ bytes: [UInt8], isProbe: Bool, from machine: Int, to partition: Int) {
        note(name(machine), "send", Self.told(bytes))
        let arrival = now + latency(weather.appendLatency)
        if chance.happens(weather.lostShare) { return note(name(machine), "lost", "on the way") }
        if chance.happens(weather.lateShare) {
            let late = now + chance.int(500 * millisecond...8 * second)
            return queue.plan(.append(partition: partition, bytes: bytes), at: late)
        }
        queue.plan(.append(partition: partition, bytes: bytes), at: arrival)
        if chance.happens(weather.duplicateShare) {
            let again = arrival + chance.int(0...(chance.happens(0.5) ? 2 : 100) * second)
            queue.plan(.append(partition: partition, bytes: bytes), at: again)
        }
        if chance.happens(weather.falselyFailedShare) {
            let (incarnation, producer) = (machines[machine].incarnation, machines[machine].producer)
            let told = arrival + chance.int(0...300 * millisecond)
            queue.plan(
                .failed(
                    machine: machine, incarnation: incarnation, producer: producer, partition: partition,
                    isProbe: isProbe), at: told)
        }
    }
}
