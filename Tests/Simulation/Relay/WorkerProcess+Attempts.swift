import Delivery
import Ledger
import Lifecycle
import World

// As Attempts and Completer: from a leased row to its outcome in the ledger.
extension WorkerProcess {
    // MARK: Attempts

    func attempt(_ held: Lane.Held, _ receiver: Receiver) {
        let row = held.row
        ask(MemoryLedger.hasEvent(row.eventID)) { [self] result in
            guard case .success(let isThere) = result else {
                return ended(held, .throttled(.seconds(1)), took: .zero, Judgement.givenBack(row))
            }
            // Checked at the send: what came before may have taken long.
            let mayStart = held.lease.mayStart(at: ownNow, timeout: receiver.timeout)
            guard mayStart || world.weather.omitted.contains(.checkAtSend), !isStopping else {
                return ended(held, .none, took: .zero, Judgement.givenBack(row))
            }
            let record = Attempted(
                row: row, owner: owner, process: self, incarnation: incarnation, checkedAt: world.now)
            guard isThere else {
                world.find(
                    .lost(event: row.eventID, destination: row.destination.text, why: "a prune took it away before"))
                return ended(
                    held, .permanent(why: "the event is not in the ledger any more"), record, since: ownNow)
            }
            // The process may stand still just here, which no check sees.
            if world.dice.happens(world.isDraining ? 0 : world.weather.frozenAtSendShare) {
                world.freeze(self, for: world.dice.int(20...80) * second)
            }
            world.later(self, at: world.now + world.dice.int(0...millisecond)) { [self] in
                send(held, receiver, record)
            }
        }
    }

    private func send(_ held: Lane.Held, _ receiver: Receiver, _ record: Attempted) {
        let began = ownNow
        record.isFrozenBefore = lastFrozen >= record.checkedAt
        let fate = world.receive(held.row, of: receiver, record)
        let given = min(fate.answerAfter, TrueTime((receiver.timeout + Attempt.grace).components.seconds) * second)
        world.later(self, at: world.now + given) { [self] in
            let isOver = given < fate.answerAfter
            ended(held, isOver ? .unknown(why: "no answer in time") : fate.outcome, record, since: began)
        }
    }

    private func ended(
        _ held: Lane.Held, _ outcome: Delivery.Outcome, _ record: Attempted, since began: ContinuousClock.Instant
    ) {
        if case .unknown = outcome { record.isUnknown = true }
        let took = ownNow - began
        let completion = Judgement(policy: Receiver.retry, random: world.dice.randomness).completion(
            of: outcome, for: held.row, startedAt: RelaySimulation.wall(world.now), took: took, age: .zero)
        ended(held, outcome.sign, took: took, completion)
    }

    private func ended(_ held: Lane.Held, _ sign: Lane.Sign, took: Duration, _ completion: Completion) {
        let now = ownNow
        change(held.row.destination) { lane in
            _ = lane.ended(
                held.row.id, sign, took: took, at: now, policy: Receiver.breaker, random: world.dice.randomness)
        }
        complete([completion])
        endIfDone()
    }

    // MARK: Outcomes

    /// As Completer: whatever gathers while one batch is written goes into the next.
    func complete(_ completions: [Completion]) {
        if outcomes.add(completions) { writeNext() }
    }

    private func writeNext() {
        guard let batch = outcomes.next() else { return endIfDone() }
        write(batch, failures: 0)
    }

    private func write(_ batch: [Completion], failures: Int) {
        ask(MemoryLedger.complete(batch, owner: owner)) { [self] result in
            switch result {
            case .success(let ids):
                written(batch, ids)
                writeNext()
            case .failure:
                later(RetryPolicy.dependency.delay(afterFailures: failures + 1, random: world.dice.randomness)) {
                    [self] in write(batch, failures: failures + 1)
                }
            }
        }
    }

    private func written(_ batch: [Completion], _ ids: Set<Int64>) {
        let now = ownNow
        for (destination, group) in Dictionary(grouping: batch, by: \.delivery.destination).sorted(by: {
            $0.key < $1.key
        }) {
            change(destination) { lane in
                for completion in group {
                    let id = completion.delivery.id
                    lane.written(id, ids.contains(id) ? Lane.Written(completion.verdict, at: now) : .fenced, at: now)
                }
            }
        }
    }
}
