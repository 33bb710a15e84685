/// A Mustache template (https://mustache.github.io/mustache.5.html), parsed once.
///
/// Interpolation, sections, inverted sections, comments, partials and changed delimiters are understood; lambdas and
/// inheritance are not. Input and output are bounded: text by ``textBytesMaximum``, nesting of sections and of partials
/// by ``depthMaximum``, what is rendered by ``outputBytesMaximum``.
public struct Template: Sendable {
    /// How `{{name}}` is escaped.
    public enum Escaping: Sendable { case html, none }

    /// Longest text of a template, in bytes.
    public static let textBytesMaximum = 256 * 1_024
    /// Deepest nesting of sections in a template, and of partials in each other.
    public static let depthMaximum = 32
    /// Longest output, in bytes.
    public static let outputBytesMaximum = 1_024 * 1_024

    let nodes: [Node]
    let escaping: Escaping

    /// Parses the text; throws ``TemplateError`` with what is wrong, and in which line.
    public init(_ text: String, escaping: Escaping = .html) throws(TemplateError) {
        guard text.utf8.count <= Self.textBytesMaximum else {
            throw TemplateError(
                "a template has at most \(Self.textBytesMaximum) bytes, not \(text.utf8.count)", line: 1)
        }
        var lexer = Lexer(text)
        var parser = Parser()
        nodes = try parser.parse(try lexer.lines())
        self.escaping = escaping
    }

    /// The template filled with `value`.
    ///
    /// Each template, partials too, escapes as it was made to.
    ///
    /// - Parameter partials: the templates that `{{> name}}` stands for; one that is missing renders nothing.
    /// - Throws: ``TemplateError`` if the bounds of nesting or output are exceeded.
    public func rendered(
        with value: TemplateValue, partials: [String: Template] = [:]
    ) throws(TemplateError) -> String {
        var renderer = Renderer(partials: partials, context: [value])
        try renderer.render(self, indentation: [])
        return String(decoding: renderer.output, as: UTF8.self)
    }
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
