import Ledger
import World

/// The ledger's server: transactions under way, and whether it is there at all.
struct LedgerService {
    var locks = LockTable()
    var transactions = 0
    /// Transactions that wait for a lock, and what each does when it has it.
    var waiting: [Int: () -> Void] = [:]
    var awayUntil: TrueTime = 0
    /// Each outage undoes what was under way.
    var epoch = 0
}

extension RelaySimulation {
    /// A question's client gives up after so long, whatever becomes of it there.
    private static let deadline = 35 * second
    private static let lockTimeout = 10 * second
    /// An answer that takes longer is trouble that the asking process may tell of.
    private static let slow = second

    /// A client that vanished in the middle of its transaction: the server notices by keepalives.
    private static let vanishedNoticed = 11 * second

    private enum Fate { case normal, lost, unanswered, undone, vanished, late }

    /// One question under way: its client, if it still lives, hears once: the answer or that there is none.
    private final class Question<Answer> {
        let machine: Machine
        let incarnation: Int
        let asker: String
        var then: ((Result<Answer, LedgerError>) -> Void)?

        init(_ machine: Machine, _ then: @escaping (Result<Answer, LedgerError>) -> Void) {
            self.machine = machine
            incarnation = machine.incarnation
            asker = machine.title
            self.then = then
        }
    }

    /// Asks the ledger; what becomes of it is chance.
    func ask<Answer>(
        _ verb: Verb<Answer>, from machine: Machine, then: @escaping (Result<Answer, LedgerError>) -> Void
    ) {
        let sentAt = now
        let question = Question<Answer>(machine) { [self] result in
            if case .failure(let error) = result, error.code == .unavailable {
                machine.lastTrouble = max(machine.lastTrouble, now)
            }
            if now - sentAt > Self.slow { machine.lastTrouble = max(machine.lastTrouble, now) }
            then(result)
        }
        let fate = isDraining ? .normal : fate()
        if fate == .late {
            answer(question, Self.away("no answer in time"), after: Self.deadline)
        }
        if fate == .lost || machine.cutUntil > now {
            return fail(question, verb, "cannot be reached", after: dice.int(10 * millisecond...3 * second))
        }
        let delay = fate == .late ? dice.int(weather.late) : travel()
        if delay > Self.slow { machine.lastTrouble = max(machine.lastTrouble, now + delay) }
        later(at: now + delay) { [self] in arrive(verb, fate, question) }
    }

    private func fate() -> Fate {
        if dice.happens(weather.lostShare) { return .lost }
        if dice.happens(weather.unansweredShare) { return .unanswered }
        if dice.happens(weather.undoneShare) { return .undone }
        if dice.happens(weather.vanishedShare) { return .vanished }
        if dice.happens(weather.lateShare) { return .late }
        return .normal
    }

    private static func away<Answer>(_ why: String) -> Result<Answer, LedgerError> {
        .failure(LedgerError(.unavailable, "the ledger: \(why)"))
    }

    private func travel() -> TrueTime { usually(weather.ledgerLatency) }

    private func usually(_ usual: ClosedRange<TrueTime>) -> TrueTime {
        dice.int(!isDraining && dice.happens(weather.tailShare) ? weather.tail : usual)
    }

    private func answer<Answer>(
        _ question: Question<Answer>, _ result: Result<Answer, LedgerError>, after delay: TrueTime
    ) {
        let step = Happening.step(question.machine, incarnation: question.incarnation) {
            guard let then = question.then else { return }
            question.then = nil
            then(result)
        }
        queue.plan(step, at: now + delay)
    }

    private func fail<Answer>(
        _ question: Question<Answer>, _ verb: Verb<Answer>, _ why: String, after delay: TrueTime
    ) {
        note(question.asker, "no answer", "\(verb.name): \(why)")
        question.machine.lastTrouble = max(question.machine.lastTrouble, now)
        answer(question, Self.away(why), after: delay)
    }

    // MARK: At the server

    private func arrive<Answer>(
        _ verb: Verb<Answer>, _ fate: Fate, _ question: Question<Answer>
    ) {
        guard service.awayUntil <= now else {
            return fail(question, verb, "refused the connection", after: dice.int(millisecond...second))
        }
        service.transactions += 1
        let number = service.transactions
        let epoch = service.epoch
        lock(verb.locks[...], number) { [self] isHad in
            guard isHad, service.epoch == epoch else {
                release(number, verb.locks)
                return fail(question, verb, "undone, a lock was not had", after: travel())
            }
            begin(verb, fate, question, number)
        }
    }

    /// Takes locks one after the other.
    private func lock(_ locks: ArraySlice<Lock>, _ number: Int, _ then: @escaping (Bool) -> Void) {
        guard let first = locks.first else { return then(true) }
        if service.locks.acquire(first, for: number) { return lock(locks.dropFirst(), number, then) }
        service.waiting[number] = { [self] in lock(locks.dropFirst(), number, then) }
        later(at: now + Self.lockTimeout) { [self] in
            if service.waiting.removeValue(forKey: number) != nil { then(false) }
        }
    }

    private func release(_ number: Int, _ locks: [Lock]) {
        for woken in service.locks.release(number, locks) { service.waiting.removeValue(forKey: woken)?() }
    }

    private func begin<Answer>(
        _ verb: Verb<Answer>, _ fate: Fate, _ question: Question<Answer>, _ number: Int
    ) {
        let decision: Verb<Answer>.Decision
        do throws(LedgerError) {
            decision = try verb.look(&ledger, ledgerTime)
        } catch {
            release(number, verb.locks)
            note(question.asker, "refused", "\(verb.name): \(error)")
            return answer(question, .failure(error), after: travel())
        }
        let isUndone = fate == .undone || fate == .vanished
        guard verb.takesTime || isUndone else { return commit(verb, decision, fate, question, number) }
        let epoch = service.epoch
        let time = usually(weather.commitTime)
        if time > Self.slow { question.machine.lastTrouble = max(question.machine.lastTrouble, now + time) }
        later(at: now + (fate == .vanished ? Self.vanishedNoticed : time)) { [self] in
            guard !isUndone, service.epoch == epoch else {
                ledger.locked.subtract(decision.locked)
                release(number, verb.locks)
                return fail(question, verb, "undone before its commit", after: travel())
            }
            commit(verb, decision, fate, question, number)
        }
    }

    private func commit<Answer>(
        _ verb: Verb<Answer>, _ decision: Verb<Answer>.Decision, _ fate: Fate, _ question: Question<Answer>,
        _ number: Int
    ) {
        let result = decision.commit(&ledger, ledgerTime)
        ledger.locked.subtract(decision.locked)
        let changes = ledger.takeChanges()
        if !changes.isEmpty { note(question.asker, "commit", "\(verb.name)\(Self.told(changes))") }
        observe(changes)
        release(number, verb.locks)
        if fate == .unanswered || question.machine.cutUntil > now {
            return fail(question, verb, "committed, and the answer lost", after: dice.int(millisecond...3 * second))
        }
        answer(question, .success(result), after: travel())
    }

    /// What a commit did, as a person wants to read it.
    private static func told(_ changes: [MemoryLedger.Change]) -> String {
        changes.compactMap { change in
            switch change {
            case .granted(let row):
                " → row \(row.id) \(row.eventID) to \(row.owner ?? "nobody") under lease \(row.leaseNumber)"
                    + (row.isOutcomeUnknown ? ", in doubt" : "")
            case .rescued(let id): " → row \(id) taken back"
            case .outcome(let id, _, let number, let state): " → row \(id) \(state) under lease \(number)"
            case .reopened(let id): " → row \(id) open again"
            case .removed(let row): " → row \(row.id) removed"
            case .taken, .planned, .renewed, .forgotten: nil
            }
        }.joined()
    }
}
