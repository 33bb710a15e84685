import Database
import Orders

extension Completion {
    /// What a receiver said is clipped to so many characters.
    static let answerCharactersMax = 500

    /// Whether later rows of its key may go on.
    var closesItsRow: Bool {
        switch verdict {
        case .done, .dead, .skipped: true
        case .retry, .parked, .givenBack: false
        }
    }

    /// nil where nothing was attempted.
    func attemptRow(owner: String) -> [Value]? {
        guard let startedAt, verdict != .givenBack else { return nil }
        return [
            .integer(delivery.id), .integer(delivery.leaseNumber), .text(owner), .integer(startedAt.milliseconds),
            .integer(tookMilliseconds), .text(outcome), .text(String(answer.prefix(Self.answerCharactersMax))),
        ]
    }

    func row(owner: String) -> [Value] {
        let (state, delay, reason): (String, Int64?, String?) =
            switch verdict {
            case .done: ("done", nil, nil)
            case .retry(let milliseconds): ("pending", max(0, milliseconds), nil)
            case .dead(let why): ("dead", nil, why)
            case .parked(let why): ("parked", nil, why)
            case .skipped(let why): ("skipped", nil, why)
            case .givenBack: ("pending", 0, nil)
            }
        // A row that is given back keeps what is known of its last attempt.
        let isUnknown = verdict == .givenBack ? delivery.isOutcomeUnknown : isOutcomeUnknown
        return [
            .integer(delivery.id), .integer(delivery.leaseNumber), .text(owner), .text(state),
            .integer(verdict == .givenBack ? 0 : 1), .integer(orNull: delay), .integer(isUnknown ? 1 : 0),
            .text(orNull: reason.map { String($0.prefix(Self.answerCharactersMax)) }),
            receipt.isEmpty ? .null : .text(Receipt.text(receipt)),
        ]
    }
}
