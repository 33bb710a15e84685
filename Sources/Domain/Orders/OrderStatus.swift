/// The states of an order. Two vocabularies name them in the API: OPENED = ORDER or PENDING, RESOLVED = SUCCESS,
/// REJECTED = FAILED or REFUNDED.
public enum OrderStatus: String, Sendable, Hashable, CaseIterable {
    case pending = "PENDING"
    case success = "SUCCESS"
    case failed = "FAILED"
    case refunded = "REFUNDED"

    /// The state that a name of either vocabulary means, in any case of letters; nil for any other text. REJECTED can
    /// mean a failure or a refund; it is taken for a failure.
    public init?(anyName name: String) {
        switch name.uppercased() {
        case "OPENED", "ORDER", "PENDING": self = .pending
        case "RESOLVED", "SUCCESS": self = .success
        case "REJECTED", "FAILED": self = .failed
        case "REFUNDED": self = .refunded
        default: return nil
        }
    }

    /// OPENED, RESOLVED or REJECTED: the vocabulary in which the API answers `status`.
    public var outcomeName: String {
        switch self {
        case .pending: "OPENED"
        case .success: "RESOLVED"
        case .failed, .refunded: "REJECTED"
        }
    }
}
