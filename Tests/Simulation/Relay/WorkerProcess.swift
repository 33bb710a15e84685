import Delivery
import Intake
import Ledger
import Lifecycle
import World

/// A process of the worker: the program's machines, and what acts on them in its `Lanes`, `Attempts`, `Completer`,
/// `PartitionIntake` and chores, step by step.
final class WorkerProcess: Machine {
    unowned let world: RelaySimulation
    var table = LaneTable<Receiver> { $0.limits }
    var contact = LedgerConnection()
    var outcomes = OutcomeQueue()
    /// For which instant each lane's alarm is set.
    var alarms: [Destination: TrueTime] = [:]
    var intakes: [Int: PartitionTask] = [:]
    var isStopping = false
    var clockError: Int64 = 0
    private var clockOffset: TrueTime = 0

    init(number: Int, world: RelaySimulation) {
        self.world = world
        super.init(number: number, name: "p\(number)")
    }

    /// Random per process start.
    var owner: String { title }

    // MARK: Clocks

    private static let clockStart = ContinuousClock.now

    /// The process's own clock, which may go wrong.
    var ownNow: ContinuousClock.Instant { own(world.now) }

    private func own(_ time: TrueTime) -> ContinuousClock.Instant {
        Self.clockStart + .nanoseconds(clockOffset + time + time / 1_000_000 * clockError)
    }

    /// The true time at which the own clock shows at least `instant`.
    func trueTime(of instant: ContinuousClock.Instant) -> TrueTime {
        let ahead = instant - ownNow
        guard ahead > .zero else { return world.now }
        let (seconds, attoseconds) = ahead.components
        let nanoseconds = seconds * second + attoseconds / 1_000_000_000
        return world.now + nanoseconds + nanoseconds / 4_000 + 1
    }

    func later(_ duration: Duration, _ body: @escaping () -> Void) {
        world.later(self, at: trueTime(of: ownNow + duration), body)
    }

    // MARK: Life

    func start() {
        incarnation += 1
        isUp = true
        isStopping = false
        frozenUntil = 0
        forget()
        clockError = world.dice.int(world.weather.clockError)
        clockOffset = world.dice.int(0...1_000) * second
        world.note(title, "start", "")
        startChores()
        world.joined(self)
    }

    /// Nothing is left of what it knew.
    func forget() {
        table = LaneTable { $0.limits }
        contact = LedgerConnection()
        outcomes = OutcomeQueue()
        alarms = [:]
        intakes = [:]
    }

    func crash(_ why: String) {
        world.note(title, why, "")
        isUp = false
        forget()
    }

    /// Takes nothing more, gives back what waits, lets attempts end, writes all outcomes; then it is gone.
    func stop() {
        world.note(title, "stops", "")
        isStopping = true
        table.stop()
        for partition in intakes.keys.sorted() { revoke(partition) }
        for destination in table.entries.keys.sorted() { change(destination) { _ in } }
        later(.seconds(20)) { [self] in crash("ended, late") }
        endIfDone()
    }

    func endIfDone() {
        guard isUp, isStopping, table.isIdle, !outcomes.isWriting, intakes.isEmpty else { return }
        crash("ended")
        world.left(self)
    }

    // MARK: The ledger

    /// Asks, and notes whether there was an answer, as `LedgerContact`.
    func ask<Answer>(_ verb: Verb<Answer>, then: @escaping (Result<Answer, LedgerError>) -> Void) {
        world.ask(verb, from: self) { [self] result in
            switch result {
            case .success: contact.answered(at: ownNow)
            case .failure: contact.failed()
            }
            then(result)
        }
    }
}
