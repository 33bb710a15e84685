import JSON

/// A field's value before it is judged: a JSON scalar, or a form's text.
enum Scalar {
    case text(String)
    /// nil where it has more digits than are kept exactly.
    case number(ExactDecimal?)
    case bool(Bool)

    /// What it is, for a fault that must not repeat it.
    var kind: JSONKind {
        switch self {
        case .text: .string
        case .number: .number
        case .bool: .bool
        }
    }
}

extension JSONReader {
    /// Reads a scalar; nil for null, which is as good as absent. Objects and arrays are the caller's.
    mutating func scalar() throws(JSONError) -> Scalar? {
        switch next {
        case .string: return .text(try string())
        case .number: return .number(try decimalIfExact())
        case .bool: return .bool(try bool())
        case .null, .object, .array, nil:
            try skip()
            return nil
        }
    }
}
