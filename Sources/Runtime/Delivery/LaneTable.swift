package import Ledger
package import Lifecycle

/// The lanes of all destinations, and what they share: takes under way, room promised to the intake, the stop. Pure: each
/// event returns what is to be done.
///
/// What a lane's rows are brought to their receiver by is none of its business: it is handed on with each attempt.
package struct LaneTable<Receiver: Sendable>: Sendable {
    /// Lanes at once; rows of further destinations wait until one is idle.
    static var lanesMaximum: Int { 10_000 }
    /// Takes under way at once. Destinations that want rows meanwhile wait, and are asked for together by the next.
    static var takesMaximum: Int { 2 }
    /// Destinations that one take asks for.
    static var takenDestinationsMaximum: Int { 64 }

    package struct Entry: Sendable {
        package var lane: Lane
        package var receiver: Receiver
    }

    package enum Action: Sendable {
        case attempt(Lane.Held, Receiver)
        case giveBack([LeasedDelivery])
        /// Lease at most so many due rows of each; followed by ``LaneTable/took(_:_:at:random:)``.
        case take([Destination: Int])
        /// Advance the destination's lane again then.
        case wake(Destination, ContinuousClock.Instant)
    }

    package private(set) var entries: [Destination: Entry] = [:]
    private var takeQueue: [(destination: Destination, limit: Int)] = []
    package private(set) var takes = 0
    private var takeFailures = 0
    /// Intake transactions whose rows may be leased but are not here yet.
    private var openIntakes = 0
    private var processes = 1
    package private(set) var isStopping = false
    /// Rows may be leased to this process that it does not know of.
    private(set) var mayHoldUnknown = false
    private let limits: @Sendable (Receiver) -> Lane.Limits

    /// - Parameter limits: a receiver's figures.
    package init(limits: @escaping @Sendable (Receiver) -> Lane.Limits) { self.limits = limits }

    // MARK: Lanes

    package func has(_ destination: Destination) -> Bool { entries[destination] != nil }

    /// Creates the destination's lane if it is missing; false if there are too many.
    @discardableResult
    package mutating func enter(_ destination: Destination, _ receiver: Receiver) -> Bool {
        if has(destination) { return true }
        if entries.count >= Self.lanesMaximum { return false }
        entries[destination] = Entry(lane: Lane(limits: limits(receiver), processes: processes), receiver: receiver)
        return true
    }

    /// Something happened to a lane; what follows.
    package mutating func change(
        _ destination: Destination, at now: ContinuousClock.Instant, _ event: (inout Lane) -> Void
    ) -> [Action] {
        // In place: a lane holds up to hundreds of rows, and each event would copy them.
        guard let index = entries.index(forKey: destination) else { return [] }
        event(&entries.values[index].lane)
        if isStopping { entries.values[index].lane.stop() }
        let actions = entries.values[index].lane.advance(at: now)
        let receiver = entries.values[index].receiver
        return actions.flatMap { action -> [Action] in
            switch action {
            case .attempt(let held): return [.attempt(held, receiver)]
            case .giveBack(let rows): return [.giveBack(rows)]
            case .wake(let instant): return [.wake(destination, instant)]
            case .take(let limit):
                takeQueue.append((destination, limit))
                return nextTakes()
            }
        }
    }

    /// The current receiver; nil if the destination no longer has one.
    package mutating func set(_ receiver: Receiver?, of destination: Destination) {
        guard let index = entries.index(forKey: destination) else { return }
        if let receiver { entries.values[index].receiver = receiver }
        entries.values[index].lane.set(receiver.map(limits))
    }

    /// How many processes share the destinations' rates.
    package mutating func set(processes: Int) { self.processes = processes }

    /// Forgets a lane that knows nothing that could not be learnt again.
    package mutating func forgetIfIdle(_ destination: Destination) {
        if entries[destination]?.lane.isIdle == true { entries[destination] = nil }
    }

    // MARK: Intake

    package mutating func reserve(_ destination: Destination, _ count: Int, at now: ContinuousClock.Instant) -> Int {
        guard !isStopping, !mayHoldUnknown, let index = entries.index(forKey: destination) else { return 0 }
        return entries.values[index].lane.reserve(count, at: now)
    }

    package mutating func intakeOpened() { openIntakes += 1 }

    /// - Parameter isOutcomeUnknown: whether its rows may be leased to this process without its knowing them.
    package mutating func intakeClosed(isOutcomeUnknown: Bool = false) {
        openIntakes -= 1
        if isOutcomeUnknown { mayHoldUnknown = true }
    }

    // MARK: Takes

    /// The takes to begin now.
    private mutating func nextTakes() -> [Action] {
        var actions: [Action] = []
        while takes < Self.takesMaximum, !takeQueue.isEmpty {
            takes += 1
            let next = takeQueue.prefix(Self.takenDestinationsMaximum)
            takeQueue.removeFirst(next.count)
            actions.append(.take(Dictionary(next.map { ($0.destination, $0.limit) }, uniquingKeysWith: max)))
        }
        return actions
    }

    /// What a take came to.
    package enum Taken: Sendable {
        case rows([Destination: [LeasedDelivery]], Lease)
        case failed(LedgerError.Code)
    }

    /// A take has ended.
    ///
    /// - Parameter asked: as it was asked for.
    package mutating func took(
        _ asked: [Destination: Int], _ taken: Taken, at now: ContinuousClock.Instant, random: Randomness
    ) -> [Action] {
        takes -= 1
        let asked = asked.sorted { $0.key < $1.key }
        var actions: [Action] = []
        switch taken {
        case .rows(let rows, let lease):
            takeFailures = 0
            for (destination, limit) in asked {
                actions += change(destination, at: now) {
                    $0.took(rows[destination] ?? [], limit: limit, lease: lease, at: now)
                }
            }
        case .failed(let code):
            takeFailures += 1
            if code == .unavailable { mayHoldUnknown = true }
            let retryAt = now + RetryPolicy.dependency.delay(afterFailures: takeFailures, random: random)
            for (destination, _) in asked {
                actions += change(destination, at: now) { $0.takeFailed(retryAt: retryAt) }
            }
        }
        return actions + nextTakes()
    }

    // MARK: Rows of unknown transactions

    /// Whether rows are to be looked for, and nothing is on its way that would bring them.
    package var mayLookForUnknown: Bool { mayHoldUnknown && takes == 0 && openIntakes == 0 }

    /// Those of the rows leased to this process that it does not have; nil where some may be on their way.
    package mutating func strangers(among rows: [LeasedDelivery]) -> [LeasedDelivery]? {
        guard takes == 0, openIntakes == 0 else { return nil }
        mayHoldUnknown = false
        return rows.filter { entries[$0.destination]?.lane.has($0.id) != true }
    }

    // MARK: Stopping

    package mutating func stop() { isStopping = true }

    /// No attempt and no take is under way.
    package var isIdle: Bool {
        takes == 0 && takeQueue.isEmpty && entries.values.allSatisfy { $0.lane.attempting.isEmpty }
    }

    // MARK: Leases

    /// Rows whose leases are held, with these.
    package var held: [Lane.Held] {
        entries.values.flatMap { entry in
            entry.lane.waiting + Array(entry.lane.attempting.values) + Array(entry.lane.settling.values)
        }
    }
}

extension Lane.Limits {
    init(_ adapter: any Adapter) {
        self.init(
            concurrency: max(1, adapter.concurrency), timeout: adapter.timeout, perSecond: adapter.attemptsPerSecond)
    }
}
