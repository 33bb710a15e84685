@testable import HTTP

extension FuzzTarget {
    /// What a caller sends beside JSON, its first byte saying as what it is read: forms, queries, media types, and the
    /// fields that the server itself goes by. What was read is written so that it reads as the same; bounds hold.
    static let form = FuzzTarget(name: "form") { bytes throws(Broken) in
        var input = Input(bytes)
        switch input.byte() % 5 {
        case 0: try urlEncoded(Array(input.rest))
        case 1: try multipart(boundary: input.line(), Array(input.rest))
        case 2: try mediaType(String(decoding: input.rest, as: UTF8.self))
        case 3: try negotiation(String(decoding: input.rest, as: UTF8.self))
        default: try head(&input)
        }
    }

    private struct Pair: Equatable {
        var name: String
        var value: String
    }

    private static func urlEncoded(_ bytes: [UInt8]) throws(Broken) {
        let read = Verdict { try URLEncodedForm.parse(bytes).map { Pair(name: $0.name, value: $0.value) } }
        guard case .taken(let pairs) = read else { return }
        try promise("pairs have a bound", pairs.count <= MultipartForm.fieldsMaximum)
        let written = Array(URLEncodedForm.write(pairs.map { ($0.name, $0.value) }).utf8)
        // A pair without name and value is written "=", and is still one.
        let again = Verdict { try URLEncodedForm.parse(written).map { Pair(name: $0.name, value: $0.value) } }
        try promise("what was read reads as the same", again == read)
        try promise("no zero byte comes through", pairs.allSatisfy { !($0.name + $0.value).utf8.contains(0) })
    }

    private static func multipart(boundary: [UInt8], _ body: [UInt8]) throws(Broken) {
        let boundary = String(decoding: boundary, as: UTF8.self)
        let read = Verdict { try MultipartForm.parse(body, boundary: boundary) }
        try promise("the same twice", Verdict { try MultipartForm.parse(body, boundary: boundary) } == read)
        guard case .taken(let parts) = read else { return }
        try promise("parts have a bound", parts.count <= MultipartForm.fieldsMaximum)
        try promise("parts lie within the body", parts.reduce(0) { $0 + $1.body.count } <= body.count)
        let delimiter = Array("\r\n--\(boundary)".utf8)
        for part in parts {
            try promise("a part ends at its boundary", !contains(part.body, delimiter))
        }
        let written = write(parts, boundary)
        guard let written else { return }
        let again = Verdict { try MultipartForm.parse(written, boundary: boundary).map(\.body) }
        try promise("what was read reads as the same", again == .taken(parts.map(\.body)))
    }

    /// The parts as a form, where their names need no quoting.
    private static func write(_ parts: [MultipartForm.Part], _ boundary: String) -> [UInt8]? {
        var written: [UInt8] = []
        for part in parts {
            guard part.name.utf8.allSatisfy({ $0 > 0x22 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else { return nil }
            written += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"\r\n\r\n".utf8)
            written += part.body + [13, 10]
        }
        return written + Array("--\(boundary)--\r\n".utf8)
    }

    private static func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: wanted) }
    }

    private static func mediaType(_ text: String) throws(Broken) {
        guard let type = MediaType(text) else { return }
        try promise("a type has two halves", type.name.utf8.contains(UInt8(ascii: "/")))
        try promise("it is in lower case", type.name == type.name.lowercased())
        for parameter in type.parameters {
            try promise("a parameter is found", type[parameter.name] != nil)
        }
        let decoded = PercentEncoding.decode(Array(text.utf8))
        if let decoded {
            try promise(
                "what was decoded is encoded so that it decodes to the same",
                PercentEncoding.decode(Array(PercentEncoding.encode(decoded).utf8)) == decoded)
        }
    }

    private static func negotiation(_ accept: String) throws(Broken) {
        let offers = ["application/json", "application/problem+json", "text/csv"]
        let chosen = Negotiation.choose(offers, accept: accept)
        try promise("one of the offers, or none", chosen.map(offers.contains) ?? true)
        try promise("the same twice", Negotiation.choose(offers, accept: accept) == chosen)
    }

    /// Lines `name: value` as the fields of a request's head.
    private static func head(_ input: inout Input) throws(Broken) {
        var inspection = HeadInspection()
        var lengths = 0
        while !input.rest.isEmpty {
            let line = input.line()
            let name = Array(line.prefix { $0 != UInt8(ascii: ":") })
            let value = Array(line.dropFirst(name.count + 1).drop { $0 == 0x20 })
            if String(decoding: name, as: UTF8.self).lowercased() == "content-length" { lengths += 1 }
            name.withUnsafeBufferPointer { name in value.withUnsafeBufferPointer { inspection.visit(name, $0) } }
            let isClean = value.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
            try promise("a control character is refused", isClean || inspection.fault != nil)
        }
        inspection.end()
        try promise("two lengths are refused", lengths < 2 || inspection.fault != nil)
        if case .length(let length) = inspection.body { try promise("a length has a bound", 1..<1 << 50 ~= length) }
        if let fault = inspection.fault { try promise("with a status", 400...599 ~= fault.status) }
    }
}
