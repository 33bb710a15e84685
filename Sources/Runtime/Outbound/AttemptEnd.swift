public import Delivery

/// Ends an attempt with this outcome: thrown from anywhere in a procedure.
public struct AttemptEnd: Error, Sendable, Equatable {
    public let outcome: Outcome
    public init(_ outcome: Outcome) { self.outcome = outcome }

    /// The outcome's words alone.
    public var why: String {
        switch outcome {
        case .done(let answer, _, _): answer
        case .retry(_, let why), .permanent(let why), .configuration(let why), .declined(let why), .unknown(let why):
            why
        }
    }
}
