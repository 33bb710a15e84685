/// Who asks for a change: an operator's name, or a token's id.
public struct Author: Sendable, Equatable, CustomStringConvertible {
    public static let charactersMaximum = 200

    public let text: String
    public var description: String { text }

    /// nil where the text is empty, or longer than ``charactersMaximum``.
    public init?(_ text: String) {
        guard !text.isEmpty, text.count <= Self.charactersMaximum else { return nil }
        self.text = text
    }

    private init(cutting text: String) { self.text = String(text.prefix(Self.charactersMaximum)) }

    /// A caller of the API.
    public static func token(_ id: String, label: String) -> Author {
        Author(cutting: "token \(id)" + (label.isEmpty ? "" : " (\(label))"))
    }
}

extension Author: ExpressibleByStringLiteral {
    public init(stringLiteral value: StaticString) { self.init(cutting: "\(value)") }
}
