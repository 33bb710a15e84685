public import JSON

/// What is wrong with one field of a body.
public struct FieldFault: Sendable, Equatable {
    /// The codes that the API gives in `fields`.
    public enum Code: String, Sendable, CaseIterable {
        case wrongEmail = "WRONG_EMAIL"
        case wrongPhone = "WRONG_PHONE"
        case wrongPrice = "WRONG_PRICE"
        case wrongCurrency = "WRONG_CURRENCY"
        case wrongDate = "WRONG_DATE"
        case wrongLocale = "WRONG_LOCALE"
        case wrongStatus = "WRONG_STATUS"
        case wrongQuantity = "WRONG_QUANTITY"
        case wrongID = "WRONG_ID"
        /// A value of another JSON kind.
        case wrongType = "WRONG_TYPE"
        /// A line break or another control character where none can stand.
        case wrongCharacter = "WRONG_CHARACTER"
        case tooLong = "TOO_LONG"
        /// More items than an order may have.
        case tooMany = "TOO_MANY"
        case required = "REQUIRED"
        /// Given twice, differently: at the top and in `customer`, or twice in a form.
        case ambiguous = "AMBIGUOUS"
    }

    public var code: Code
    /// RFC 6901: `/items/0/price`; empty for the whole body.
    public var pointer: String
    /// What would have been taken, to follow "expected".
    public var expected: String
    /// What came: clipped, and masked where it is personal.
    public var came: String

    public init(_ code: Code, at pointer: String, expected: String, came: String) {
        self.code = code
        self.pointer = pointer
        self.expected = expected
        self.came = came
    }
}

/// Why a body is not taken.
public enum BodyError: Error, Sendable, Equatable {
    /// It is no JSON: `BAD_JSON`, with the byte.
    case notJSON(JSONError)
    /// It is JSON, or a form, but not what was asked for: `FORMAT_ERROR`. All faults, in the order of the body; at most
    /// ``faultsMax``.
    case faults([FieldFault])

    /// More faults than these are not listed: an answer must have a bound.
    public static let faultsMax = 100
}

/// Where a field stands in a body; its pointer is made only where there is a fault.
struct Place {
    var container: StaticString?
    var index: Int?
    var member: StaticString?

    static let body = Place()

    init(_ member: StaticString? = nil, in container: StaticString? = nil, index: Int? = nil) {
        self.container = container
        self.index = index
        self.member = member
    }

    /// Every name of ours is free of `~` and `/`, which alone would need escapes.
    var pointer: String {
        var pointer = ""
        if let container { pointer += "/\(container)" }
        if let index { pointer += "/\(index)" }
        if let member { pointer += "/\(member)" }
        return pointer
    }
}
