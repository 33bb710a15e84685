import Foundation
import Templates
import Testing

/// One case of the official specification (https://github.com/mustache/spec, a copy lies in `Resources`).
struct SpecificationCase: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let desc: String
    let data: SpecificationValue
    let template: String
    let partials: [String: String]?
    let expected: String
    var testDescription: String { name }
}

/// JSON as the cases have it; numbers as texts, null as nothing.
struct SpecificationValue: Decodable, Sendable {
    let value: TemplateValue

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            value = .text("")
        } else if let flag = try? container.decode(Bool.self) {
            value = .flag(flag)
        } else if let text = try? container.decode(String.self) {
            value = .text(text)
        } else if let number = try? container.decode(Decimal.self) {
            value = .text("\(number)")
        } else if let list = try? container.decode([SpecificationValue].self) {
            value = .list(list.map(\.value))
        } else {
            value = .object(try container.decode([String: SpecificationValue].self).mapValues(\.value))
        }
    }
}

@Suite("The official Mustache specification")
struct SpecificationTests {
    static let modules = ["comments", "delimiters", "interpolation", "inverted", "partials", "sections"]

    static func cases(_ module: String) throws -> [SpecificationCase] {
        struct Module: Decodable { let tests: [SpecificationCase] }
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Resources/mustache")
        let data = try Data(contentsOf: folder.appending(path: "\(module).json"))
        return try JSONDecoder().decode(Module.self, from: data).tests
    }

    @Test("all 136 cases of the six modules are there")
    func complete() throws {
        #expect(try Self.modules.map { try Self.cases($0).count }.reduce(0, +) == 136)
    }

    @Test("every case of a module renders as the specification says", arguments: modules)
    func module(name: String) throws {
        for one in try Self.cases(name) {
            let partials = try (one.partials ?? [:]).mapValues { try Template($0) }
            let rendered = try Template(one.template).rendered(with: one.data.value, partials: partials)
            #expect(rendered == one.expected, "\(one.name): \(one.desc)")
        }
    }
}

@Suite("Templates")
struct TemplateTests {
    @Test("what a buyer writes cannot become markup")
    func escaping() throws {
        let value = TemplateValue.object(["name": .text("<img src=\"x\" onerror='a()'> & co")])
        #expect(
            try Template("{{name}}").rendered(with: value)
                == "&lt;img src=&quot;x&quot; onerror=&#39;a()&#39;&gt; &amp; co")
        #expect(try Template("{{name}}", escaping: .none).rendered(with: value) == "<img src=\"x\" onerror='a()'> & co")
    }

    @Test("a partial escapes as it was made to, whatever includes it")
    func partialEscaping() throws {
        let value = TemplateValue.object(["a": .text("<")])
        let partial = try Template("{{a}}")
        #expect(try Template("{{a}}{{>p}}", escaping: .none).rendered(with: value, partials: ["p": partial]) == "<&lt;")
    }

    @Test(
        "a mistake is reported with its line",
        arguments: [
            ("a\nb {{name", 2, "not closed"), ("{{#a}}\n\n{{#b}}{{/b}}", 1, "'a' is not closed"),
            ("{{#a}}\n{{/b}}", 2, "'b' closes the section 'a' of line 1"), ("\n{{/a}}", 2, "closes nothing"),
            ("{{a b}}", 1, "one name"), ("{{}}", 1, "one name"), ("{{=<% %> x=}}", 1, "delimiters"),
            ("{{=| |", 1, "not closed"), ("{{$block}}{{/block}}", 1, "not supported"),
        ])
    func mistakes(text: String, line: Int, words: String) throws {
        let error = #expect(throws: TemplateError.self) { try Template(text) }
        #expect(error?.line == line)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("nesting, size and output are bounded")
    func bounds() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "{{#a}}", count: depth) + String(repeating: "{{/a}}", count: depth)
        }
        _ = try Template(nested(32))
        #expect(throws: TemplateError.self) { try Template(nested(33)) }
        #expect(throws: TemplateError.self) { try Template(String(repeating: "x", count: 256 * 1_024 + 1)) }
        let recursive = try Template("x{{>self}}")
        #expect(throws: TemplateError.self) {
            try recursive.rendered(with: .object([:]), partials: ["self": recursive])
        }
        let many = TemplateValue.list(Array(repeating: .flag(true), count: 100))
        let wide = try Template("{{#l}}{{#l}}\(String(repeating: "x", count: 200)){{/l}}{{/l}}")
        #expect(throws: TemplateError.self) { try wide.rendered(with: .object(["l": many])) }
        let silent = try Template("{{#l}}{{#l}}{{#l}}{{#l}}{{/l}}{{/l}}{{/l}}{{/l}}")
        #expect(throws: TemplateError.self) { try silent.rendered(with: .object(["l": many])) }
    }
}
