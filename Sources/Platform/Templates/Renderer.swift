/// Walks a template's tree and writes the output.
struct Renderer {
    /// The most nodes visited: loops that write nothing end, too.
    private static let stepsMaximum = 100_000

    let partials: [String: Template]
    /// The innermost value last.
    var context: [TemplateValue]
    private(set) var output: [UInt8] = []
    private var steps = 0
    private var depth = 0

    init(partials: [String: Template], context: [TemplateValue]) {
        self.partials = partials
        self.context = context
    }

    mutating func render(_ template: Template, indentation: [UInt8]) throws(TemplateError) {
        try render(template.nodes, template.escaping, indentation)
    }

    private mutating func render(
        _ nodes: [Node], _ escaping: Template.Escaping, _ indentation: [UInt8]
    ) throws(TemplateError) {
        for node in nodes {
            steps += 1
            switch node {
            case .text(let text): output += text
            case .lineStart: output += indentation
            case .variable(let name, let isEscaped):
                guard let text = lookUp(name)?.interpolated else { continue }
                if isEscaped, escaping == .html { appendEscaped(text) } else { output += text.utf8 }
            case .section(let name, let isInverted, let inner, let line):
                try check(line)
                let value = lookUp(name)
                if isInverted {
                    if value?.isTruthy != true { try render(inner, escaping, indentation) }
                } else if let value, value.isTruthy {
                    try render(inner, for: value, escaping, indentation)
                }
            case .partial(let name, let own, let line):
                try check(line)
                guard let partial = partials[name] else { continue }
                guard depth < Template.depthMaximum else {
                    throw TemplateError("partials are nested deeper than \(Template.depthMaximum)", line: line)
                }
                depth += 1
                try render(partial, indentation: own.map { indentation + $0 } ?? [])
                depth -= 1
            }
        }
    }

    /// A section's inside: once for each element of a list, else once.
    private mutating func render(
        _ nodes: [Node], for value: TemplateValue, _ escaping: Template.Escaping, _ indentation: [UInt8]
    ) throws(TemplateError) {
        let values = if case .list(let elements) = value { elements } else { [value] }
        for element in values {
            context.append(element)
            defer { context.removeLast() }
            try render(nodes, escaping, indentation)
        }
    }

    /// The first part of a name is sought from the innermost value outwards, the others inside what was found: a member
    /// that is missing there is not sought further out.
    private func lookUp(_ name: Name) -> TemplateValue? {
        guard let first = name.parts.first else { return context.last }
        var value = context.lazy.reversed().compactMap { $0[first] }.first
        for part in name.parts.dropFirst() { value = value?[part] }
        return value
    }

    private mutating func appendEscaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): output += "&amp;".utf8
            case UInt8(ascii: "<"): output += "&lt;".utf8
            case UInt8(ascii: ">"): output += "&gt;".utf8
            case UInt8(ascii: "\""): output += "&quot;".utf8
            case UInt8(ascii: "'"): output += "&#39;".utf8
            default: output.append(byte)
            }
        }
    }

    private func check(_ line: Int) throws(TemplateError) {
        guard output.count <= Template.outputBytesMaximum, steps <= Self.stepsMaximum else {
            throw TemplateError(
                "more than \(Template.outputBytesMaximum) bytes, or endless work, would result", line: line)
        }
    }
}
