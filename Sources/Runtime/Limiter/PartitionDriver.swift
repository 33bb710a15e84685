import Kafka
import RateLimit
import Synchronization

/// Holds the claimant of one partition, feeds it events, and performs its actions. It decides nothing.
///
/// The own clock is read under the lock that guards the permits, so that no time passes between a check and its
/// instant.
final class PartitionDriver: Sendable {
    /// Performs a claimant's actions, outside the lock.
    struct Outside: Sendable {
        /// Publishes a record of this partition.
        var append: @Sendable (_ partition: Int32, _ value: [UInt8], _ key: LimitID?) -> Void
        var replaceProducer: @Sendable () -> Void
        var restrict: @Sendable (LimitID) -> Void
        /// Something to report to operators.
        var noticed: @Sendable (Notice) -> Void
    }

    enum Notice: Sendable, Equatable {
        case clockJumped
        case disagreement
        case unknownRules(UInt8)
    }

    enum Decision {
        case now(LimitAnswer)
        case later(ticket: UInt64)
    }

    private struct State {
        var claimant: Claimant
        var requests: [UInt64: WaitingRequest] = [:]
        var tickets: UInt64 = 0
        var wakeAt = OwnTime.never
        var isClosed = false
    }

    let partition: Int32
    private let outside: Outside
    private let wake: @Sendable (OwnTime) -> Void
    private let state: Mutex<State>

    /// - Parameter wake: wants ``tick()`` called at an instant, if that is sooner than was asked before.
    init(
        _ partition: Int32, _ claimant: Claimant, outside: Outside, wake: @escaping @Sendable (OwnTime) -> Void
    ) {
        self.partition = partition
        self.outside = outside
        self.wake = wake
        state = Mutex(State(claimant: claimant))
    }

    // MARK: What happens

    /// A request wants permits.
    func want(_ terms: LimitTerms, permits: Int) -> Decision {
        handle { state, now, actions in
            guard !state.isClosed else { return .now(LimitAnswer(.unavailable(.starting), nil, terms, now: now)) }
            state.tickets += 1
            let ticket = state.tickets
            let wish = Wish(limitID: terms.id, configured: terms.configured, permits: permits, ticket: ticket)
            guard let verdict = state.claimant.want(wish, now: now, into: &actions) else {
                state.requests[ticket] = WaitingRequest(terms: terms)
                return .later(ticket: ticket)
            }
            let standing = state.claimant.standing(of: terms.id, configured: terms.configured, now: now)
            return .now(LimitAnswer(verdict, standing, terms, now: now))
        }
    }

    /// Records of this partition were read.
    func read(_ records: ArraySlice<Record>) {
        let notices = handle { state, now, actions in
            let before = state.claimant.troubles
            var now = now
            for record in records {
                _ = state.claimant.read(
                    record.value, offset: record.offset, timestamp: record.timestamp ?? 0, now: now, into: &actions)
                now = .now()
            }
            return state.claimant.troubles.news(since: before)
        }
        for notice in notices { outside.noticed(notice) }
    }

    func tick() {
        handle { state, now, actions in
            state.wakeAt = .never
            if !state.isClosed { state.claimant.tick(now: now, into: &actions) }
        }
    }

    func deliveryFailed(isProbe: Bool) {
        handle { $0.claimant.deliveryFailed(isProbe: isProbe, now: $1, into: &$2) }
    }

    func producerReplaced() { handle { $0.claimant.producerReplaced(now: $1, into: &$2) } }

    /// Answers all waiting and later requests that no decision is possible.
    func close() {
        handle { state, _, actions in
            state.isClosed = true
            for ticket in state.requests.keys { actions.append(.answer(ticket: ticket, .unavailable(.away))) }
        }
    }

    // MARK: Waiting

    /// Waits for the answer of a request that has to wait. If the caller goes away, its permit goes to the next one.
    func answer(to ticket: UInt64, of terms: LimitTerms) async -> LimitAnswer {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { $0.requests.suspend(ticket, continuation) }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let gone = LimitAnswer(.unavailable(.late), nil, terms)
            let waiting = state.withLock { state in
                state.claimant.abandon(ticket: ticket, of: terms.id)
                return state.requests.answer(ticket, gone)
            }
            waiting?.resume(returning: gone)
        }
    }

    // MARK: Questions

    /// Looks at the claimant, under the lock.
    func look<R: Sendable>(_ body: (inout Claimant, OwnTime) -> R) -> R {
        state.withLock { state in body(&state.claimant, .now()) }
    }

    // MARK: Doing

    /// Lets the claimant handle an event, and performs its actions: answers and appends after the lock is released.
    @discardableResult
    private func handle<R: Sendable>(_ event: (inout State, OwnTime, inout [Action]) -> R) -> R {
        let (result, actions, answers, instant) = state.withLock { state in
            var actions: [Action] = []
            let now = OwnTime.now()
            let result = event(&state, now, &actions)
            let answers = actions.isEmpty ? [] : Self.answers(actions, &state, now: now)
            let next = state.isClosed ? .never : state.claimant.nextTick
            let isSooner = next < state.wakeAt
            if isSooner { state.wakeAt = next }
            return (result, actions, answers, isSooner ? next : nil)
        }
        for (continuation, answer) in answers { continuation.resume(returning: answer) }
        for action in actions { perform(action) }
        if let instant { wake(instant) }
        return result
    }

    private static func answers(
        _ actions: [Action], _ state: inout State, now: OwnTime
    ) -> [(WaitingRequest.Continuation, LimitAnswer)] {
        var answers: [(WaitingRequest.Continuation, LimitAnswer)] = []
        for case .answer(let ticket, let said) in actions {
            guard let request = state.requests[ticket] else { continue }
            let terms = request.terms
            let standing = state.claimant.standing(of: terms.id, configured: terms.configured, now: now)
            let answer = LimitAnswer(said, standing, terms, now: now)
            if let waiting = state.requests.answer(ticket, answer) { answers.append((waiting, answer)) }
        }
        return answers
    }

    private func perform(_ action: Action) {
        switch action {
        case .append(let value, let key): outside.append(partition, value, key)
        case .answer: break
        case .replaceProducer: outside.replaceProducer()
        case .restrict(let id): outside.restrict(id)
        }
    }
}

/// Counts of problems in a partition so far.
private struct Troubles {
    var jumps: Int
    var disagreements: Int
    var unknownRules: UInt8?

    func news(since before: Troubles) -> [PartitionDriver.Notice] {
        var news: [PartitionDriver.Notice] = []
        if jumps > before.jumps { news.append(.clockJumped) }
        if disagreements > before.disagreements { news.append(.disagreement) }
        if let unknownRules, before.unknownRules == nil { news.append(.unknownRules(unknownRules)) }
        return news
    }
}

extension Claimant {
    fileprivate var troubles: Troubles {
        Troubles(
            jumps: watch.jumps, disagreements: replica.counts.disagreements, unknownRules: unknownRules)
    }
}
