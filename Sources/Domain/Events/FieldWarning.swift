/// What was changed in, or left out of, an order that was accepted.
public struct FieldWarning: Sendable, Hashable {
    /// The codes that warnings have besides those of faults.
    public enum Code: String, Sendable, CaseIterable {
        /// The items' sum differs from the order's price; the price holds.
        case linesDiffer = "LINES_DIFFER"
        /// A field of a form that no rule reads and that looks like one of ours.
        case unknownField = "UNKNOWN_FIELD"
        /// A text was cut.
        case cut = "CUT"
    }

    /// Further warnings are dropped: an answer and a record must have a bound.
    public static let countMaximum = 20

    /// JSON pointer (RFC 6901) to the field; empty for the whole body.
    public var pointer: String
    /// One of ``Code`` or of the codes of faults.
    public var code: String
    /// What was done, and why; of personal texts two characters at most.
    public var message: String

    public init(pointer: String, code: String, message: String) {
        self.pointer = pointer
        self.code = code
        self.message = message
    }
}
