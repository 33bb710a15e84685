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
        /// A line break or another control character where none is allowed.
        case wrongCharacter = "WRONG_CHARACTER"
        case tooLong = "TOO_LONG"
        /// More items than an order may have.
        case tooMany = "TOO_MANY"
        case required = "REQUIRED"
        /// Given twice, differently: at the top and in `customer`, or twice in a form.
        case ambiguous = "AMBIGUOUS"
    }

    public var code: Code
    /// JSON pointer (RFC 6901), as `/items/0/price`; empty for the whole body.
    public var pointer: String
    /// What would have been accepted, to follow "expected".
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

extension FieldFault {
    /// Whether it is about one of these, wherever that stands.
    func isAbout<Field: BodyField>(_ fields: Field...) -> Bool {
        pointer.split(separator: "/").last.flatMap(Field.init).map(fields.contains) ?? false
    }

    /// Whether it is about the field or a part of it.
    func isWithin(_ field: OrderField) -> Bool {
        pointer.split(separator: "/").first.flatMap(OrderField.init) == field
    }
}

/// Why a body is refused.
public enum BodyError: Error, Sendable, Equatable {
    /// It is not JSON: `BAD_JSON`, with the offset of the byte.
    case notJSON(JSONError)
    /// It is JSON, or a form, but not what was asked for: `FORMAT_ERROR`. All faults, in the order of the body; at most
    /// ``faultsMaximum``.
    case faults([FieldFault])

    /// Further faults are not listed: an answer must have a bound.
    public static let faultsMaximum = 100
}

/// Where a field stands in a body; its pointer is made only where there is a fault.
struct Place {
    var container: StaticString?
    var index: Int?
    var member: StaticString?

    static let body = Place()
    var isBody: Bool { container == nil && index == nil && member == nil }

    private init() {}

    /// Of a field at the top.
    init(_ field: some BodyField) { member = field.name }

    /// Of a part of a field, or of a part of its item with that index.
    init(_ part: some BodyField, in field: OrderField, index: Int? = nil) {
        container = field.name
        self.index = index
        member = part.name
    }

    /// Of an item.
    init(index: Int, in field: OrderField) {
        container = field.name
        self.index = index
    }

    var pointer: String {
        var pointer = ""
        if let container { pointer += "/\(container)" }
        if let index { pointer += "/\(index)" }
        if let member { pointer += "/\(member)" }
        return pointer
    }
}
