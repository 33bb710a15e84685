import HTTP
import JSON
import Orders

/// The media types that bodies may have.
enum BodyFormat: Sendable, Equatable {
    case json
    /// `application/x-www-form-urlencoded`, as the platform's own documentation has it for some calls.
    case form
    case multipart(boundary: String)

    /// By the Content-Type field; nil for any other. A body without the field is taken for JSON.
    init?(contentType field: String?) {
        // Nearly every caller sends just this, so that nothing is parsed on an order's way.
        guard let field, field != "application/json" else {
            self = .json
            return
        }
        guard let type = MediaType(field) else { return nil }
        switch type.name {
        case "application/json": self = .json
        case "application/x-www-form-urlencoded": self = .form
        case "multipart/form-data":
            guard let boundary = type["boundary"] else { return nil }
            self = .multipart(boundary: boundary)
        default: return nil
        }
    }
}

/// A request's body, read by its media type into what it asks for.
struct Body: Sendable {
    private let bytes: [UInt8]
    private let format: BodyFormat

    init(_ request: Request) {
        bytes = request.body
        format = BodyFormat(contentType: request.head.fields["Content-Type"]) ?? .json
    }

    func draft(_ settings: AccountSettings) throws(Refusal) -> OrderDraft {
        try read({ bytes throws(BodyError) in try OrderDraft.read(bytes, settings: settings) }) {
            form throws(BodyError) in
            try OrderDraft.read(form: form, settings: settings)
        }
    }

    func change(_ settings: AccountSettings) throws(Refusal) -> OrderChange {
        try read({ bytes throws(BodyError) in try OrderChange.read(bytes, settings: settings) }) {
            form throws(BodyError) in
            try OrderChange.read(form: form, settings: settings)
        }
    }

    func purchase(_ settings: AccountSettings) throws(Refusal) -> Purchase {
        try read({ bytes throws(BodyError) in try Purchase.read(bytes, settings: settings) }) {
            form throws(BodyError) in
            try Purchase.read(form: form, settings: settings)
        }
    }

    private func read<Value>(
        _ json: ([UInt8]) throws(BodyError) -> Value,
        _ form: ([(name: String, value: String)]) throws(BodyError) -> Value
    ) throws(Refusal) -> Value {
        do throws(BodyError) {
            switch format {
            case .json: return try json(bytes)
            case .form, .multipart: return try form(pairs())
            }
        } catch {
            throw Refusal(error)
        }
    }

    private func pairs() throws(BodyError) -> [(name: String, value: String)] {
        do throws(FormError) {
            if case .multipart(let boundary) = format {
                return try MultipartForm.parse(bytes, boundary: boundary).map { part in
                    (name: part.name, value: String(decoding: part.body, as: UTF8.self))
                }
            }
            return try URLEncodedForm.parse(bytes)
        } catch {
            throw .faults([FieldFault(.wrongType, at: "", expected: "a well-formed form", came: error.message)])
        }
    }
}

extension Refusal {
    /// What was wrong with a body.
    init(_ error: BodyError) {
        switch error {
        case .notJSON(let error):
            self.init(400, .badJSON, "The body is no JSON: \(error).")
        case .faults(let faults):
            self.init(
                422, .formatError,
                "\(faults.count == 1 ? "A field is" : "\(faults.count) fields are") not as \(faults.count == 1 ? "it" : "they") must be.",
                faults: faults.map {
                    Field(pointer: $0.pointer, code: $0.code.rawValue, expected: $0.expected, got: $0.came)
                })
        }
    }
}
