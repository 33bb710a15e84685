import JSON

/// A field's value before it is judged: a JSON scalar, or a form's text.
enum Scalar {
    case text(String)
    /// nil if it has more digits than are kept exactly.
    case number(ExactDecimal?)
    /// A number with so many digits after the point that its last ones are not kept.
    case longNumber(ExactDecimal)
    case bool(Bool)

    /// Its kind, for a fault that must not repeat the value.
    var kind: JSONKind {
        switch self {
        case .text: .string
        case .number, .longNumber: .number
        case .bool: .bool
        }
    }
}

extension JSONReader {
    /// Reads a scalar; nil for null, which is as good as absent. Objects and arrays are the caller's.
    mutating func scalar() throws(JSONError) -> Scalar? {
        switch next {
        case .string: return .text(try string())
        case .number:
            let (number, isExact) = try decimalCut()
            if let number, !isExact { return .longNumber(number) }
            return .number(number)
        case .bool: return .bool(try bool())
        case .null, .object, .array, nil:
            try skip()
            return nil
        }
    }
}
