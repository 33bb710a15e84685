/// A value given to, or got from, a statement.
public enum Value: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// A row: values by their place in the statement's result.
public typealias Row = [Value]

extension Value {
    /// The integer; nil for NULL and every other kind.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The text; nil for NULL and every other kind.
    public var text: String? {
        if case .text(let value) = self { value } else { nil }
    }

    /// The bytes; nil for NULL and every other kind.
    public var blob: [UInt8]? {
        if case .blob(let value) = self { value } else { nil }
    }

    /// The integer, or NULL for nil.
    public static func integer(orNull value: Int64?) -> Value { value.map(Value.integer) ?? .null }
    /// The text, or NULL for nil.
    public static func text(orNull value: String?) -> Value { value.map(Value.text) ?? .null }
    /// The bytes, or NULL for nil.
    public static func blob(orNull value: [UInt8]?) -> Value { value.map(Value.blob) ?? .null }
}
