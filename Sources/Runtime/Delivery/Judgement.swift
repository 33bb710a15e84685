package import Ledger
package import Lifecycle
package import Orders

/// Turns what an attempt came to into what is written: the row's next state, and the line of the timeline. Pure.
package struct Judgement {
    /// The longest answer that is kept, in characters.
    static let answerCharactersMaximum = 300

    let policy: RetryPolicy
    let random: Randomness

    package init(policy: RetryPolicy, random: Randomness) {
        self.policy = policy
        self.random = random
    }

    /// - Parameters:
    ///   - startedAt: when the attempt began, UTC.
    ///   - age: how old the event was then.
    package func completion(
        of outcome: Outcome, for row: LeasedDelivery, startedAt: Timestamp, took: Duration, age: Duration
    ) -> Completion {
        var result = Completion(
            delivery: row, verdict: .done, startedAt: startedAt, tookMilliseconds: took.milliseconds,
            outcome: outcome.name, answer: "")
        switch outcome {
        case .done(let answer, let receipt, let links):
            result.answer = Self.clip(answer)
            result.receipt = receipt
            result.links = links
        case .retry(let after, let why):
            result.answer = Self.clip(why)
            result.verdict = again(row, age, after, why)
            // A row that may have been accepted before stays in doubt until an attempt finds out.
            result.isOutcomeUnknown = row.isOutcomeUnknown
        case .unknown(let why):
            result.answer = Self.clip(why)
            result.verdict = again(row, age, nil, why)
            result.isOutcomeUnknown = true
        case .configuration(let why):
            // Not the message's fault, so it uses up none of its attempts. The breaker holds the destination: one row
            // after another probes, with growing pauses, and all go out soon after the problem is fixed.
            result.answer = Self.clip(why)
            let delay = RetryPolicy.breaker.delay(afterFailures: 1, random: random)
            result.verdict = .held(afterMilliseconds: delay.milliseconds)
            result.isOutcomeUnknown = row.isOutcomeUnknown
        case .permanent(let why):
            result.answer = Self.clip(why)
            result.verdict = .dead(reason: Self.clip(why))
        case .declined(let why):
            result.answer = Self.clip(why)
            result.verdict = .skipped(reason: Self.clip(why))
        }
        return result
    }

    private func again(_ row: LeasedDelivery, _ age: Duration, _ after: Duration?, _ why: String) -> Completion.Verdict
    {
        switch policy.decision(afterAttempts: row.attempt + 1, age: age, retryAfter: after, random: random) {
        case .again(let delay): .retry(afterMilliseconds: delay.milliseconds)
        case .exhausted(let reason): .dead(reason: Self.clip("\(reason): \(why)"))
        }
    }

    /// A row that is not attempted after all.
    package static func givenBack(_ row: LeasedDelivery) -> Completion {
        Completion(
            delivery: row, verdict: .givenBack, isOutcomeUnknown: row.isOutcomeUnknown, startedAt: nil,
            tookMilliseconds: 0, outcome: "given-back", answer: "")
    }

    /// One line, bounded: what a receiver said goes to the timeline and into logs.
    static func clip(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(answerCharactersMaximum).map { $0.value < 0x20 ? " " : $0 }))
    }
}

extension Outcome {
    /// What ``name`` may be.
    static let names = ["done", "retry", "permanent", "configuration", "declined", "unknown"]

    /// The class that metrics and the timeline name.
    var name: String {
        switch self {
        case .done: "done"
        case .retry: "retry"
        case .permanent: "permanent"
        case .configuration: "configuration"
        case .declined: "declined"
        case .unknown: "unknown"
        }
    }
}
