import HTTP
import Tracing

/// What an attempt to export a batch came to, by OTLP's rules
/// (https://opentelemetry.io/docs/specs/otlp/#otlphttp-response). Pure.
enum ExportVerdict: Equatable {
    /// The collector has them, but for so many, for the reason that it gave.
    case taken(rejected: Int, why: String?)
    /// It will never take them.
    case refused(why: String)
    /// Not now; `after` is the pause that it asked for, nil: it did not.
    case later(after: Duration?, why: String)
    /// It cannot be reached, and trying again soon would not change that.
    case unreachable(why: String)

    /// How much of a collector's words is kept, in characters.
    private static let wordsMaximum = 200

    init(_ answer: Response) {
        switch answer.status {
        case 200..<300:
            let said = OTLPAnswer(answer.body)
            self = .taken(rejected: said.rejected, why: said.message.map { String($0.prefix(Self.wordsMaximum)) })
        case 429, 502, 503, 504:
            self = .later(after: answer.retryAfter, why: "the collector answered \(answer.status)")
        default: self = .refused(why: "the collector answered \(answer.status)")
        }
    }

    init(_ error: ClientError) {
        switch error.code {
        case .invalidRequest, .refusedAddress, .untrustedCertificate, .answerTooLarge:
            self = .unreachable(why: error.message)
        case .cannotResolve, .cannotConnect, .timedOut, .closed, .other: self = .later(after: nil, why: error.message)
        }
    }
}
