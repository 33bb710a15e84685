import HTTP
import JSON
import Orders

/// The media types that bodies may have.
enum BodyFormat: Sendable, Equatable {
    case json
    /// `application/x-www-form-urlencoded`, as the platform's own documentation has it for some calls.
    case form(Charset)
    case multipart(boundary: String, Charset)

    /// The format by the Content-Type field; without the field, JSON. Throws a 415 for any other.
    init(contentType field: String?) throws(Refusal) {
        // Nearly every caller sends exactly this, so usually nothing is parsed.
        guard let field, field != "application/json" else {
            self = .json
            return
        }
        let type = MediaType(field)
        switch type?.name {
        case "application/json": self = .json
        case "application/x-www-form-urlencoded": self = .form(try Self.charset(type))
        case "multipart/form-data":
            guard let boundary = type?["boundary"], !boundary.isEmpty else {
                throw Refusal(
                    415, .unsupportedMediaType,
                    "The Content-Type multipart/form-data has no boundary: let the library that builds the form set the field, or send multipart/form-data; boundary=… with the separator of the parts."
                )
            }
            self = .multipart(boundary: boundary, try Self.charset(type))
        default:
            throw Refusal(
                415, .unsupportedMediaType,
                "Unsupported media type: send application/json, application/x-www-form-urlencoded or multipart/form-data."
            )
        }
    }

    private static func charset(_ type: MediaType?) throws(Refusal) -> Charset {
        guard let label = type?["charset"] else { return .utf8 }
        if let charset = Charset(label: label) { return charset }
        throw Refusal(
            415, .unsupportedMediaType,
            "The charset \(String(label.prefix(40))) is not supported; supported are \(Charset.labels).")
    }
}

/// A request's body, read by its media type into what it asks for.
struct Body: Sendable {
    private let bytes: [UInt8]
    private let format: BodyFormat
    /// The field `Content-Encoding`, which was checked when the request was admitted.
    private let coding: String?
    /// `?strict=1`: what would be left out with a warning is refused.
    private let isStrict: Bool

    init(_ request: consuming Request, format: BodyFormat) {
        self.format = format
        coding = request.head.fields["Content-Encoding"]
        let strict = request.head.query.first { $0.name == "strict" }?.value
        isStrict = strict == "1" || strict == "true"
        bytes = request.body
    }

    /// Throws if it is not compressed as it says, or if it exceeds the bounds of a body.
    private func unpacked() throws(Refusal) -> [UInt8] {
        guard let coding else { return bytes }
        do throws(CodingError) {
            guard let coding = try ContentCoding(coding) else { return bytes }
            return try coding.decoded(bytes, bytesMaximum: Endpoint.BodyRule.fields.bytesMaximum)
        } catch {
            throw Refusal(error)
        }
    }

    func draft(_ settings: AccountSettings) throws(Refusal) -> ReadBody<OrderDraft> {
        try read { bytes throws(BodyError) in
            try OrderDraft.reading(bytes, settings: settings, isStrict: isStrict)
        } form: { form throws(BodyError) in
            try OrderDraft.reading(form: form, settings: settings, isStrict: isStrict)
        }
    }

    /// - Parameter status: the order's; nil if it is not known.
    func change(_ settings: AccountSettings, of status: OrderStatus?) throws(Refusal) -> ReadBody<OrderChange> {
        try read { bytes throws(BodyError) in
            try OrderChange.reading(bytes, settings: settings, of: status, isStrict: isStrict)
        } form: { form throws(BodyError) in
            try OrderChange.reading(form: form, settings: settings, of: status, isStrict: isStrict)
        }
    }

    func purchase(_ settings: AccountSettings) throws(Refusal) -> Purchase {
        try read { bytes throws(BodyError) in
            try Purchase.read(bytes, settings: settings, isStrict: isStrict)
        } form: { form throws(BodyError) in
            try Purchase.read(form: form, settings: settings, isStrict: isStrict)
        }
    }

    /// Its members as texts, for a call that takes options: a list is its member several times.
    func members() throws(Refusal) -> [(name: String, value: String)] {
        try read { bytes throws(BodyError) in
            do throws(JSONError) { return try Self.members(bytes) } catch { throw .notJSON(error) }
        } form: {
            $0
        }
    }

    private static func members(_ bytes: [UInt8]) throws(JSONError) -> [(name: String, value: String)] {
        var members: [(name: String, value: String)] = []
        let span = bytes.span
        var reader = try JSONReader(span.bytes)
        try reader.object { reader, key throws(JSONError) in
            let name = key.text
            guard reader.isNext(.array) else {
                try scalar(&reader).map { members.append((name, $0)) }
                return
            }
            try reader.array { reader throws(JSONError) in try scalar(&reader).map { members.append((name, $0)) } }
        }
        try reader.end()
        return members
    }

    /// nil for null, and for what is no text, number or bool.
    private static func scalar(_ reader: inout JSONReader) throws(JSONError) -> String? {
        switch reader.next {
        case .string: return try reader.string()
        case .number: return "\(try reader.decimal())"
        case .bool: return try reader.bool() ? "true" : "false"
        default:
            try reader.skip()
            return nil
        }
    }

    private func read<Value>(
        _ json: ([UInt8]) throws(BodyError) -> Value,
        form: ([(name: String, value: String)]) throws(BodyError) -> Value
    ) throws(Refusal) -> Value {
        let bytes = try unpacked()
        let look = format == .json ? nil : BodyLook(bytes)
        if let look, !look.isDeclared(format) { throw look.refusal(format) }
        do throws(BodyError) {
            return try format == .json ? json(Self.withoutMark(bytes)) : form(pairs(bytes))
        } catch {
            var refusal = Refusal(error)
            if case .notJSON = error, let look = BodyLook(bytes), look != .json {
                refusal.message += " It looks like \(look.words). If it is, \(look.advice)."
            }
            throw refusal
        }
    }

    /// Without the byte order mark that some programs put before JSON (RFC 8259, 8.1 allows ignoring it).
    private static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    private func pairs(_ bytes: [UInt8]) throws(BodyError) -> [(name: String, value: String)] {
        do throws(FormError) {
            switch format {
            case .multipart(let boundary, let charset):
                return try MultipartForm.fields(bytes, boundary: boundary, charset: charset)
            case .form(let charset): return try URLEncodedForm.parse(bytes, charset: charset)
            case .json: return []
            }
        } catch {
            throw .faults([FieldFault(.wrongType, at: "", expected: "a well-formed form", came: error.message)])
        }
    }
}

extension Refusal {
    /// The result of `read`; errors of the body become refusals.
    static func catching<Value>(_ read: () throws(BodyError) -> Value) throws(Refusal) -> Value {
        do throws(BodyError) { return try read() } catch { throw Refusal(error) }
    }

    /// The refusal of an invalid body.
    init(_ error: BodyError) {
        switch error {
        case .notJSON(let error):
            self.init(400, .badJSON, "The body is not JSON: \(error).")
        case .faults(let faults):
            self.init(
                422, .formatError, Self.sentence(faults),
                faults: faults.map {
                    Field(pointer: $0.pointer, code: $0.code.rawValue, expected: $0.expected, got: $0.came)
                })
        }
    }

    /// How many faults are in the message; the fields have all of them.
    private static let sentencesMaximum = 3

    private static func sentence(_ faults: [FieldFault]) -> String {
        let count = faults.count == 1 ? "A field is invalid" : "\(faults.count) fields are invalid"
        let sentences = faults.prefix(sentencesMaximum).map { fault in
            "\(fault.pointer.isEmpty ? "the body" : String(fault.pointer.dropFirst())): expected \(fault.expected), got \(fault.came)"
        }
        return "\(count). \(sentences.joined(separator: "; "))\(faults.count > sentences.count ? "; …" : ".")"
    }

    /// The refusal of a compressed body.
    init(_ error: CodingError) {
        let (status, code): (Int, Code) =
            switch error.code {
            case .unknown: (415, .unsupportedMediaType)
            case .broken: (400, .badRequest)
            case .tooLarge: (413, .tooLarge)
            }
        self.init(
            status, code,
            "\(error.message.prefix(1).uppercased())\(error.message.dropFirst()): send it with Content-Encoding \(ContentCoding.accepted.replacing(",", with: " or")), or uncompressed, in at most \(Endpoint.BodyRule.fields.bytesMaximum) bytes.",
            fields: error.code == .unknown ? ["Accept-Encoding": ContentCoding.accepted] : [:])
    }
}
