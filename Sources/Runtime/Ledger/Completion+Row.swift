import Database
import Orders

extension Completion {
    /// What a receiver said is clipped to so many characters.
    static let answerCharactersMaximum = 500

    /// Whether later rows of its key may go on.
    package var closesItsRow: Bool {
        switch verdict {
        case .done, .dead, .skipped: true
        case .retry, .held, .parked, .givenBack: false
        }
    }

    package var usesUpAnAttempt: Bool {
        switch verdict {
        case .held, .givenBack: false
        case .done, .retry, .dead, .parked, .skipped: true
        }
    }

    /// nil where nothing was attempted.
    func attemptRow() -> [Value]? {
        guard let startedAt, verdict != .givenBack else { return nil }
        return [
            .integer(delivery.id), .integer(delivery.leaseNumber), .integer(startedAt.milliseconds),
            .integer(tookMilliseconds), .text(outcome), .text(String(answer.prefix(Self.answerCharactersMaximum))),
        ] + identity
    }

    /// The row's state afterwards, in how many milliseconds it is due where that is new, and why it is no more.
    package var next: (state: DeliveryState, delay: Int64?, reason: String?) {
        switch verdict {
        case .done: (.done, nil, nil)
        case .retry(let milliseconds), .held(let milliseconds): (.pending, max(0, milliseconds), nil)
        case .dead(let why): (.dead, nil, why)
        case .parked(let why): (.parked, nil, why)
        case .skipped(let why): (.skipped, nil, why)
        case .givenBack: (.pending, 0, nil)
        }
    }

    /// Whether the row is in doubt afterwards. One that is given back keeps what is known of its last attempt.
    package var leavesInDoubt: Bool { verdict == .givenBack ? delivery.isOutcomeUnknown : isOutcomeUnknown }

    /// For ``DeliveryStatements/reopen`` or ``DeliveryStatements/close``.
    func row() -> [Value] {
        let (state, delay, reason) = next
        return [
            .integer(delivery.id), .integer(delivery.leaseNumber), .text(state.rawValue),
            .integer(usesUpAnAttempt ? 1 : 0), .integer(orNull: delay), .integer(leavesInDoubt ? 1 : 0),
            .text(orNull: reason.map { String($0.prefix(Self.answerCharactersMaximum)) }),
            receipt.isEmpty ? .null : .text(Receipt.text(receipt)),
        ] + identity
    }

    /// For ``DeliveryStatements/links``.
    func linkRows() -> [[Value]] {
        links.map { link in
            [
                .integer(delivery.id), .integer(delivery.leaseNumber), .text(link.connection), .text(link.ours),
                .text(link.theirs),
            ] + identity
        }
    }

    /// What the row is of, whatever its id.
    private var identity: [Value] { [.text(delivery.eventID), .text(delivery.destination.text)] }
}
