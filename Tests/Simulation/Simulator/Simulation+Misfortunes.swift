import RateLimit
import World

extension Simulation {
    /// A process starts: it replays the end of the log, then reads on.
    func start(_ number: Int) {
        machines[number].incarnation += 1
        machines[number].isUp = true
        machines[number].startedAt = now
        machines[number].frozenUntil = 0
        machines[number].producer = 0
        machines[number].waiting = [:]
        machines[number].clockError = chance.int(weather.ownClockError)
        machines[number].clockOffset = chance.int(0...1_000) * second
        let process = ProcessID(chance.bits())
        let starts = logs.map { $0.start(replay: weather.replay) }
        note(name(number), "start", "as \(process), from offsets \(starts)")
        machines[number].claimants = starts.map { Claimant(process: process, isWhole: $0 == 0, rules: weather.rules) }
        machines[number].nextOffset = starts
        machines[number].lastDelivery = Array(repeating: now, count: logs.count)
        machines[number].tickAt = Array(repeating: .max, count: logs.count)
        for partition in logs.indices {
            let incarnation = machines[number].incarnation
            for _ in starts[partition]..<logs[partition].entries.count {
                queue.plan(
                    .deliver(machine: number, incarnation: incarnation, partition: partition), at: now + millisecond)
            }
            machines[number].tickAt[partition] = now + millisecond
            queue.plan(.tick(machine: number, incarnation: incarnation, partition: partition), at: now + millisecond)
        }
    }

    /// Something happens to a process, or to the brokers, that nobody asked for.
    func misfortune(_ event: Event) {
        let machine = chance.int(0...machines.count - 1)
        switch event {
        case .crash:
            planNext(event, every: weather.crashEvery)
            guard machines[machine].isUp else { return }
            note(name(machine), "crash", "")
            machines[machine].isUp = false
            queue.plan(.start(machine: machine), at: now + chance.int(100 * millisecond...20 * second))
        case .freeze:
            planNext(event, every: weather.freezeEvery)
            let span = chance.int(weather.freeze)
            note(name(machine), "freeze", "for \(span / millisecond) ms")
            machines[machine].frozenUntil = max(machines[machine].frozenUntil, now + span)
        case .replaceProducer:
            planNext(event, every: weather.producerReplacedEvery)
            if machines[machine].isUp, machines[machine].frozenUntil <= now { replaceProducer(of: machine) }
        case .changeLeader:
            planNext(event, every: weather.leaderChangeEvery)
            clock.change(to: chance.int(weather.brokerSpread), at: now)
            note("world", "leader", "another broker leads, its clock \(clock.offset / millisecond) ms on")
        case .jump:
            guard let jump = weather.brokerJump else { return }
            clock.offset += jump.by
            note("world", "jump", "the broker's clock, by \(jump.by / millisecond) ms")
        case .jumpOwnClock:
            planNext(event, every: weather.ownClockJumpEvery)
            let span = chance.int(10 * millisecond...30 * second)
            note(name(machine), "own clock", "jumps by \(span / millisecond) ms")
            machines[machine].clockOffset += span
        default: break
        }
    }

    /// A record, as a person wants to read it.
    static func told(_ bytes: [UInt8]) -> String {
        guard let record = try? LimitRecord(decoding: bytes) else { return "not a record" }
        switch record {
        case .probe(let probe):
            return "probe \(probe.sequence)" + (probe.alarmRemaining > 0 ? " alarm \(probe.alarmRemaining) ms" : "")
        case .strike(let strike): return "strike \(strike.count)"
        case .claim(let claim):
            let settled = claim.settlements.map { settlement in
                "\(settlement.sequence)\(settlement.part == .waiting ? "w" : "l")"
                    + settlement.uses.map { "\($0.count)@\($0.ageSteps * 10)" }.joined(separator: ",")
            }
            return "claim \(claim.sequence) of \(claim.limitID.high & 0xFF)"
                + " need \(claim.need)\(claim.isWhole ? " whole" : "") extra \(claim.extra)"
                + (settled.isEmpty ? "" : " settles [\(settled.joined(separator: " "))]")
                + (claim.checkpoint.map { " checkpoint@\($0.asOf)" } ?? "")
        }
    }
}
