import HTTP

/// What a body's first bytes look like, if a caller has declared something else.
enum BodyLook: Sendable, Equatable {
    case json, form, multipart, xml, gzip, utf16

    /// nil if they are not recognised.
    init?(_ bytes: [UInt8]) {
        let start = bytes.prefix(256)
        let text = start.drop { $0 == 0x20 || (0x09...0x0D).contains($0) || [0xEF, 0xBB, 0xBF].contains($0) }
        if start.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) || start.prefix(4).contains(0) {
            self = .utf16
        } else if let first = text.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            self = .json
        } else if text.first == UInt8(ascii: "<") {
            self = .xml
        } else if text.starts(with: "--".utf8),
            String(decoding: start, as: UTF8.self).lowercased().contains("content-disp")
        {
            self = .multipart
        } else if let equals = text.firstIndex(of: UInt8(ascii: "=")), equals > text.startIndex,
            text[..<equals].allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") })
        {
            self = .form
        } else {
            return nil
        }
    }

    /// Whether it may be what is declared. A form's first name may begin with a bracket, if it has a value.
    func isDeclared(_ format: BodyFormat) -> Bool {
        switch (self, format) {
        case (.json, .json), (.form, .form), (.multipart, .multipart): true
        // A preamble is allowed before the first boundary, and may look like anything.
        case (.form, .multipart), (.xml, .multipart), (.xml, .form): true
        default: false
        }
    }

    /// For messages: "It looks like …".
    var words: String {
        switch self {
        case .json: "JSON"
        case .form: "a form"
        case .multipart: "a multipart form"
        case .xml: "XML or HTML, which is not supported"
        case .gzip: "gzip"
        case .utf16: "text in UTF-16"
        }
    }

    /// What to do then.
    var advice: String {
        switch self {
        case .json: "send Content-Type: application/json"
        case .form: "send Content-Type: application/x-www-form-urlencoded"
        case .multipart: "send Content-Type: multipart/form-data with its boundary"
        case .xml: "send JSON or a form"
        case .gzip: "send Content-Encoding: gzip with its Content-Type"
        case .utf16: "send UTF-8"
        }
    }

    /// The refusal of a body that was declared as a form.
    func refusal(_ format: BodyFormat) -> Refusal {
        let declared =
            if case .multipart = format { "multipart/form-data" } else { "application/x-www-form-urlencoded" }
        return Refusal(
            422, .formatError,
            "The body is not \(declared) as its Content-Type says. It looks like \(words). If it is, \(advice).",
            faults: [Refusal.Field(pointer: "", code: "WRONG_TYPE", expected: declared, got: words)])
    }
}
