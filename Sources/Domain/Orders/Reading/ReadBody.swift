/// A warning before it is put into words: orders whose lines differ from their price are common, and most callers that
/// wait for thousands of answers ignore the warnings.
enum PendingWarning: Sendable, Equatable {
    case warning(FieldWarning)
    case linesDiffer(sum: Money, price: Money)

    var warning: FieldWarning {
        switch self {
        case .warning(let warning): warning
        case .linesDiffer(let sum, let price):
            FieldWarning(
                pointer: "/price", code: FieldWarning.Code.linesDiffer.rawValue,
                message:
                    "the items come to \(sum.decimal) \(sum.currency); the price holds: \(price.decimal) \(price.currency)"
            )
        }
    }
}

/// A body that was read.
public struct ReadBody<Value: Sendable & Equatable>: Sendable, Equatable {
    /// What the present rules read.
    public var value: Value
    private let pending: [PendingWarning]
    /// What the first rules read from the body; nil if that is no different. It names the order, and its digest counts.
    public var first: Value? {
        get { firsts.first }
        set { firsts = newValue.map { [$0] } ?? [] }
    }
    /// One or none, and out of line: hardly any body has it.
    private var firsts: [Value] = []

    /// What was changed or left out.
    public var warnings: [FieldWarning] { pending.map(\.warning) }

    /// Calls `use` with what names an order and has the digest by which repeats are known; it is not copied for that.
    public func withNamed<Result>(_ use: (Value) -> Result) -> Result { firsts.isEmpty ? use(value) : use(firsts[0]) }

    init(_ value: Value, warnings: [PendingWarning], first: Value? = nil) {
        self.value = value
        pending = warnings
        self.first = first
    }
}
