import RateLimit

/// A request that has to wait for its permits. Its answer may come before its task is suspended.
struct WaitingRequest: Sendable {
    typealias Continuation = CheckedContinuation<LimitAnswer, Never>

    enum Phase: Sendable {
        case running
        case suspended(Continuation)
        case answered(LimitAnswer)
    }

    let terms: LimitTerms
    var phase = Phase.running

    init(terms: LimitTerms) { self.terms = terms }
}

extension [UInt64: WaitingRequest] {
    /// The request's task is to be suspended: its answer, if there is one already.
    mutating func suspend(_ ticket: UInt64, _ continuation: WaitingRequest.Continuation) -> LimitAnswer? {
        if case .answered(let answer)? = self[ticket]?.phase {
            self[ticket] = nil
            return answer
        }
        self[ticket]?.phase = .suspended(continuation)
        return nil
    }

    /// The request is answered: its task, if it is suspended already. Only the first answer counts.
    mutating func answer(_ ticket: UInt64, _ answer: LimitAnswer) -> WaitingRequest.Continuation? {
        switch self[ticket]?.phase {
        case .suspended(let continuation):
            self[ticket] = nil
            return continuation
        case .running: self[ticket]?.phase = .answered(answer)
        case .answered, nil: break
        }
        return nil
    }
}
