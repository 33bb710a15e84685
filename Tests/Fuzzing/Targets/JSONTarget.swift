import JSON

extension FuzzTarget {
    /// The pull reader: what it accepts and refuses does not depend on how it is read, or on what surrounds the text;
    /// what it takes is written and read again as the same.
    static let json = FuzzTarget(name: "json") { text throws(Broken) in
        let skimmed = Verdict { try Document.skim(text) }
        let read = Verdict { try Document(text) }
        // A number may be beyond what is kept exactly: it reads as its text then.
        switch (skimmed, read) {
        case (.taken, .taken): break
        case (.refused(let one), .refused(let other)): try promise("skipping refuses as reading does", one == other)
        default: throw Broken(promise: "skipping takes what reading takes: \(skimmed), \(read)")
        }
        try promise("the same twice", Verdict { try Document(text) } == read)
        try promise("nothing around the text counts", Verdict { try Document(amidst: text) } == read)
        guard case .taken(let document) = read else {
            return try refusedWithin(text)
        }
        let written = document.written
        try promise("what was written reads as the same", Verdict { try Document(written) } == read)
        try promise("and is written the same", (try? Document(written))?.written == written)
    }

    private static func refusedWithin(_ text: [UInt8]) throws(Broken) {
        do throws(JSONError) { _ = try Document(text) } catch {
            try promise("the fault lies within the text", 0...text.count ~= error.offset)
            try promise("the sentence is short", error.description.utf8.count < 120)
        }
    }
}

/// A JSON text as a value; members in their order.
indirect enum Document: Equatable {
    case null
    case bool(Bool)
    case number(ExactDecimal)
    /// More digits than are kept.
    case longNumber
    case text(String)
    case list([Document])
    case object([Member])

    struct Member: Equatable {
        var key: String
        var value: Document
    }

    init(_ text: [UInt8]) throws(JSONError) {
        let span = text.span
        var reader = try JSONReader(span.bytes)
        self = try Document(&reader)
        try reader.end()
    }

    /// Reads the text where it lies between bytes that would change it if they were read.
    init(amidst text: [UInt8]) throws(JSONError) {
        let around = Array("\"0\\".utf8)
        let all = around + text + Array("9\"}]e1".utf8)
        let span = all.span
        var reader = try JSONReader(span.bytes.extracting(around.count..<around.count + text.count))
        self = try Document(&reader)
        try reader.end()
    }

    static func skim(_ text: [UInt8]) throws(JSONError) -> Bool {
        let span = text.span
        var reader = try JSONReader(span.bytes)
        try reader.skip()
        try reader.end()
        return true
    }

    private init(_ reader: inout JSONReader) throws(JSONError) {
        switch reader.next {
        case .object:
            var members: [Member] = []
            try reader.object { reader, key throws(JSONError) in
                let name = key.text
                members.append(Member(key: name, value: try Document(&reader)))
            }
            self = .object(members)
        case .array:
            var items: [Document] = []
            try reader.array { reader throws(JSONError) in items.append(try Document(&reader)) }
            self = .list(items)
        case .string: self = .text(try reader.string())
        case .number: self = try reader.decimalIfExact().map { .number($0) } ?? .longNumber
        case .bool: self = .bool(try reader.bool())
        case .null, nil:
            try reader.skip()
            self = .null
        }
    }

    var written: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let bool): writer.bool(bool)
        case .number(let number): writer.decimal(number)
        case .longNumber: writer.json(Array("1e1000".utf8))
        case .text(let text): writer.string(text)
        case .list(let items): writer.array { writer in for item in items { item.write(to: &writer) } }
        case .object(let members):
            writer.object { writer in
                for member in members {
                    writer.key(dynamic: member.key)
                    member.value.write(to: &writer)
                }
            }
        }
    }
}
