import Ledger
import World

// Replays and prunes go on by what the ledger says, step by step, so that whoever does them may die between two.
extension RelaySimulation {
    func wishReplay() {
        note(operators.title, "wish", "a replay of what is dead or parked")
        ask(MemoryLedger.makeReplay(), from: operators) { _ in }
    }

    /// What it was about to do is forgotten; another goes on with what the ledger says is under way.
    func operatorDies() {
        note(operators.title, "crash", "")
        operators.incarnation += 1
        operate()
    }

    /// Whatever replay is under way goes on.
    func operate() {
        later(operators, at: now + dice.int(weather.replayPause)) { [self] in
            ask(MemoryLedger.nextReplay(), from: operators) { [self] result in
                guard case .success(let next?) = result else { return operate() }
                ask(MemoryLedger.replay(next.id, next.destination, omitting: weather.omitted), from: operators) {
                    [self] _ in operate()
                }
            }
        }
    }

    func prune() {
        ask(MemoryLedger.countPrune(before: ledgerTime - weather.retention), from: operators) { [self] result in
            guard case .success(true) = result else { return drop(within: 60 * second) }
            judgeBooks("after a prune has counted")
            drop(within: 10 * second)
        }
    }

    func drop(within span: TrueTime) {
        later(operators, at: now + dice.int(0...span)) { [self] in
            ask(MemoryLedger.dropPrune(), from: operators) { [self] result in
                if case .failure = result { drop(within: 10 * second) }
            }
        }
    }
}
