/// What a template is filled with: Mustache's kinds of values.
public indirect enum TemplateValue: Sendable {
    case text(String)
    case flag(Bool)
    case list([TemplateValue])
    case object([String: TemplateValue])

    /// A text; nil counts as an empty one.
    public init(_ text: String?) { self = .text(text ?? "") }

    /// Whether a section of it is rendered: not for false, an empty text, an empty list.
    var isTruthy: Bool {
        switch self {
        case .text(let text): !text.isEmpty
        case .flag(let flag): flag
        case .list(let list): !list.isEmpty
        case .object: true
        }
    }

    /// What `{{name}}` writes.
    var interpolated: String {
        switch self {
        case .text(let text): text
        case .flag(let flag): flag ? "true" : "false"
        case .list, .object: ""
        }
    }

    subscript(name: String) -> TemplateValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }
}
