public import JSON

/// The fields of one object of the API: an enum whose cases are its members, each declared once with the name that
/// bodies, records and answers have for it.
///
/// What a field means is said in two places, by a `switch` over the cases in each: the reader's `set` and the object's
/// `write`.
public protocol BodyField: RawRepresentable<FieldName>, CaseIterable, Hashable, Sendable where AllCases == [Self] {
    /// The JSON kind that a fault names when an object or array was sent instead. Scalars need not match it.
    var kind: JSONKind { get }
}

/// A field's name: ASCII that needs no escapes in JSON and none in a JSON pointer.
public struct FieldName: Sendable, Equatable, ExpressibleByStringLiteral {
    let text: StaticString

    public init(stringLiteral text: StaticString) { self.text = text }

    public static func == (one: FieldName, other: FieldName) -> Bool {
        one.text.withUTF8Buffer { one in other.text.withUTF8Buffer(one.elementsEqual) }
    }
}

extension BodyField {
    public var kind: JSONKind { .string }

    /// The name that the API has for it.
    public var name: StaticString { rawValue.text }

    /// The field with this name; nil for an unknown name.
    init?(_ key: borrowing JSONKey) {
        for field in Self.allCases where field.name ~= key {
            self = field
            return
        }
        return nil
    }

    /// The same, for a form's name.
    init?(_ text: Substring) {
        let field = Self.allCases.first { field in
            field.name.withUTF8Buffer { $0.elementsEqual(text.utf8) }
        }
        guard let field else { return nil }
        self = field
    }
}
