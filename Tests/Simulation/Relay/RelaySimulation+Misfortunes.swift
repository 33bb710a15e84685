import Ledger
import World

extension RelaySimulation {
    func plan() {
        for process in processes { later(at: dice.int(0...second)) { process.start() } }
        operators.isUp = true
        planRecords()
        repeatedly(every: weather.crashEvery) { [self] in crash() }
        repeatedly(every: weather.stopEvery) { [self] in stop() }
        repeatedly(every: weather.freezeEvery) { [self] in freeze(dice.pick(processes.indices.map { $0 })) }
        repeatedly(every: weather.cutEvery) { [self] in cut() }
        repeatedly(every: weather.ledgerAwayEvery) { [self] in ledgerGoes() }
        repeatedly(every: weather.rebalanceEvery) { [self] in rebalance() }
        for receiver in receivers {
            repeatedly(every: receiver.weather.outageEvery) { [self] in
                let span = dice.int(receiver.weather.outage)
                note(receiver.destination.text, "away", "for \(span / millisecond) ms")
                receivers[receiver.number].awayUntil = now + span
                receivers[receiver.number].isMisconfigured = dice.happens(0.3)
            }
            repeatedly(every: receiver.weather.offEvery) { [self] in
                note(receiver.destination.text, "off", "in the configuration")
                receivers[receiver.number].offUntil = now + dice.int(second...40 * second)
            }
        }
        repeatedly(every: weather.replayEvery) { [self] in wishReplay() }
        repeatedly(every: weather.pruneEvery) { [self] in prune() }
        operate()
        judgeBooksInPassing()
        later(at: weather.duration) { [self] in drain() }
    }

    private func anyone() -> WorkerProcess { processes[dice.int(0...processes.count - 1)] }

    private func crash() {
        if dice.happens(0.2) { return operatorDies() }
        let process = anyone()
        if process.isUp {
            process.crash("crash")
            silent(process, for: nil)
        }
        startLater(process)
    }

    private func startLater(_ process: WorkerProcess) {
        let incarnation = process.incarnation
        later(at: now + dice.int(100 * millisecond...20 * second)) {
            if !process.isUp, process.incarnation == incarnation { process.start() }
        }
    }

    private func stop() {
        let process = anyone()
        guard process.isUp, !process.isStopping, process.frozenUntil <= now else { return }
        process.stop()
        later(at: now + dice.int(21 * second...30 * second)) { if !process.isUp { process.start() } }
    }

    private func freeze(_ number: Int) {
        if processes[number].isUp { freeze(processes[number], for: dice.int(weather.freeze)) }
    }

    func freeze(_ process: WorkerProcess, for span: TrueTime) {
        note(process.title, "freeze", "for \(span / millisecond) ms")
        process.frozenUntil = max(process.frozenUntil, now + span)
        process.lastFrozen = process.frozenUntil
        silent(process, for: span)
    }

    private func cut() {
        let process = anyone()
        let span = dice.int(weather.cut)
        note(process.title, "cut off", "from the ledger for \(span / millisecond) ms")
        process.cutUntil = max(process.cutUntil, now + span)
        process.lastTrouble = process.cutUntil
    }

    private func ledgerGoes() {
        let span = dice.int(weather.ledgerAway)
        note("ledger", "away", "for \(span / millisecond) ms")
        service.awayUntil = max(service.awayUntil, now + span)
        service.epoch += 1
        for process in processes { process.lastTrouble = service.awayUntil }
    }

    /// Faults cease: everything is there from now on, and an operator opens what has died or is parked.
    private func drain() {
        note("world", "calm", "faults have ceased")
        isDraining = true
        service.awayUntil = 0
        for process in processes {
            process.cutUntil = 0
            process.frozenUntil = min(process.frozenUntil, now)
            if !process.isUp { startLater(process) }
        }
        for index in receivers.indices {
            receivers[index].awayUntil = 0
            receivers[index].offUntil = 0
            receivers[index].never = receivers[index].never.filter { _ in dice.happens(0.5) }
        }
        replayUntilRest()
        restWhenDone()
    }

    /// Looks now and then whether all is done; the judge has the last word then.
    private func restWhenDone() {
        if isAtRest { return judgeRest() }
        later(at: now + second) { [self] in restWhenDone() }
    }

    private func replayUntilRest() {
        wishReplay()
        drop(within: 10 * second)
        // A worker that ended in good order at the last moment is started again.
        for process in processes where !process.isUp { startLater(process) }
        later(at: now + 20 * second) { [self] in replayUntilRest() }
    }
}
