/// Builds a template's tree from its lines.
struct Parser {
    private struct Open {
        var name: String
        var isInverted: Bool
        var line: Int
        var nodes: [Node] = []
    }

    private var top: [Node] = []
    private var open: [Open] = []

    mutating func parse(_ lines: [[Lexer.Token]]) throws(TemplateError) -> [Node] {
        for line in lines {
            if let alone = Self.standingAlone(line) {
                try append(alone.tag, indentation: alone.indentation)
            } else {
                append(.lineStart)
                for token in line { try append(token, indentation: nil) }
            }
        }
        if let unclosed = open.last {
            throw TemplateError("the section '\(unclosed.name)' is not closed", line: unclosed.line)
        }
        return top
    }

    /// The tag of a line that has only it and white space: such a line leaves nothing itself (specification,
    /// "Standalone Lines"). Variables never stand alone.
    private static func standingAlone(_ line: [Lexer.Token]) -> (tag: Lexer.Token, indentation: [UInt8])? {
        var found: Lexer.Token?
        var indentation: [UInt8] = []
        for token in line {
            switch token {
            case .text(let text):
                guard text.allSatisfy({ [9, 10, 13, 32].contains($0) }) else { return nil }
                if found == nil { indentation += text }
            case .tag(.variable, _, line: _): return nil
            case .tag:
                guard found == nil else { return nil }
                found = token
            }
        }
        return found.map { ($0, indentation) }
    }

    private mutating func append(_ token: Lexer.Token, indentation: [UInt8]?) throws(TemplateError) {
        switch token {
        case .text(let text): append(.text(text))
        case .tag(.nothing, _, line: _): break
        case .tag(.variable(let isEscaped), let name, line: _): append(.variable(Name(name), isEscaped: isEscaped))
        case .tag(.partial, let name, let line): append(.partial(name, indentation: indentation, line: line))
        case .tag(.section(let isInverted), let name, let line):
            guard open.count < Template.depthMaximum else {
                throw TemplateError("sections are nested deeper than \(Template.depthMaximum)", line: line)
            }
            open.append(Open(name: name, isInverted: isInverted, line: line))
        case .tag(.close, let name, let line):
            guard let closed = open.popLast() else { throw TemplateError("'\(name)' closes nothing", line: line) }
            guard closed.name == name else {
                throw TemplateError("'\(name)' closes the section '\(closed.name)' of line \(closed.line)", line: line)
            }
            append(.section(Name(name), isInverted: closed.isInverted, closed.nodes, line: closed.line))
        }
    }

    private mutating func append(_ node: Node) {
        if open.isEmpty { top.append(node) } else { open[open.count - 1].nodes.append(node) }
    }
}

extension Name {
    init(_ text: String) {
        parts = text == "." ? [] : text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }
}
