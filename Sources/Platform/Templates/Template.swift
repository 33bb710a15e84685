/// What a template is filled with: Mustache's kinds of values.
public indirect enum TemplateValue: Sendable {
    case text(String)
    case flag(Bool)
    case list([TemplateValue])
    case object([String: TemplateValue])
}

/// What is wrong with a template's text, and where.
public struct TemplateError: Error, Sendable, CustomStringConvertible {
    public let message: String
    /// Counted from 1.
    public let line: Int
    public var description: String { "line \(line): \(message)" }
    public init(_ message: String, line: Int) {
        self.message = message
        self.line = line
    }
}

/// A Mustache template (https://mustache.github.io/mustache.5.html), parsed once.
public struct Template: Sendable {
    /// How `{{name}}` is escaped.
    public enum Escaping: Sendable { case html, none }
    public init(_ text: String, escaping: Escaping = .html) throws(TemplateError) { fatalError("to be written") }
    /// - Parameter partials: the templates that `{{> name}}` stands for.
    public func rendered(with value: TemplateValue, partials: [String: Template] = [:]) -> String { fatalError("to be written") }
}
