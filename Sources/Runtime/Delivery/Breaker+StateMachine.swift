import Lifecycle

/// A destination's circuit breaker: after failures in a row nothing is sent for a while, then one row tries.
package struct Breaker: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        /// Everything passes. Failures in a row.
        case closed(failures: Int)
        /// Nothing passes before `until`. `trips`: how often it opened without a success in between.
        case open(until: ContinuousClock.Instant, trips: Int)
        /// One attempt may try.
        case halfOpen(trips: Int, isProbing: Bool)
    }

    /// What changed, for the log and the alarm.
    package enum Change: Sendable, Equatable {
        case none, opened, closed
    }

    /// Failures in a row that open it.
    package static let failuresMaximum = 5

    private(set) var state = State.closed(failures: 0)
    /// Attempts carry the number they started under: those under way when the breaker opened are ignored when they end.
    private(set) var generation = 0

    package var isClosed: Bool {
        if case .closed = state { true } else { false }
    }

    /// Time passes.
    mutating func tick(_ now: ContinuousClock.Instant) {
        if case .open(let until, let trips) = state, until <= now {
            state = .halfOpen(trips: trips, isProbing: false)
            generation += 1
        }
    }

    /// How many attempts may start now.
    var admits: Int {
        switch state {
        case .closed: Int.max
        case .open, .halfOpen(_, isProbing: true): 0
        case .halfOpen(_, isProbing: false): 1
        }
    }

    /// When it will admit again; nil if it admits now, or if that depends on an outcome.
    var admitsAt: ContinuousClock.Instant? {
        if case .open(let until, _) = state { until } else { nil }
    }

    /// An attempt starts. Must be admitted.
    mutating func started() {
        switch state {
        case .closed: break
        case .halfOpen(let trips, isProbing: false): state = .halfOpen(trips: trips, isProbing: true)
        case .open, .halfOpen: preconditionFailure("an attempt started that the breaker does not admit")
        }
    }

    /// The receiver answered: it is there, whatever it said.
    mutating func answered(generation: Int) -> Change {
        guard generation == self.generation else { return .none }
        defer { state = .closed(failures: 0) }
        return isClosed ? .none : .closed
    }

    /// The receiver could not be reached, or failed.
    /// - Parameter isDecisive: one such outcome is enough (credentials, certificate, address).
    mutating func failed(
        generation: Int, isDecisive: Bool, at now: ContinuousClock.Instant, policy: RetryPolicy, random: Randomness
    ) -> Change {
        guard generation == self.generation else { return .none }
        let trips: Int
        switch state {
        case .closed(let failures) where failures + 1 < Self.failuresMaximum && !isDecisive:
            state = .closed(failures: failures + 1)
            return .none
        case .closed: trips = 1
        case .halfOpen(let before, _): trips = before + 1
        case .open: return .none
        }
        state = .open(until: now + policy.delay(afterFailures: trips, random: random), trips: trips)
        self.generation += 1
        return .opened
    }

    /// The attempt that had started was not made after all.
    mutating func withdrawn(generation: Int) {
        guard generation == self.generation, case .halfOpen(let trips, isProbing: true) = state else { return }
        state = .halfOpen(trips: trips, isProbing: false)
    }
}

extension Breaker.State {
    /// What ``name`` may be.
    static let names = ["closed", "half_open", "open"]

    /// As metrics have it.
    var name: String {
        switch self {
        case .closed: "closed"
        case .halfOpen: "half_open"
        case .open: "open"
        }
    }
}
