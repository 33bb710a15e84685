import Crypto
import JSON

extension Event {
    /// Reads a record. Headers of other names, and members that this program does not know, are left aside.
    public init(headers: [(name: String, value: [UInt8])], value: [UInt8]) throws(EventError) {
        let attributes = Attributes(headers)
        guard let id = attributes.id, !id.isEmpty, id.utf8.count <= Attributes.idCountMax else {
            throw .poison("the record has no readable ce_id")
        }
        guard let type = attributes.type else { throw .malformed(id: id, "the record has no readable ce_type") }
        guard type.hasPrefix(Self.typePrefix), let kind = Kind(rawValue: String(type.dropFirst(Self.typePrefix.count)))
        else { throw .unknownType(id: id, type: String(type.unicodeScalars.prefix(100))) }
        guard let order = attributes.subject.flatMap(OrderID.init) else {
            throw .malformed(id: id, "ce_subject is no order's id")
        }
        guard let source = attributes.source, source.hasPrefix(Self.sourcePrefix),
            source.utf8.count > Self.sourcePrefix.utf8.count
        else { throw .malformed(id: id, "ce_source is not \(Self.sourcePrefix)<id>") }
        guard let time = attributes.time.flatMap(Timestamp.init(iso8601:)) else {
            throw .malformed(id: id, "ce_time is no time of ISO 8601")
        }
        let body = try StoredBody(value, kind: kind, id: id)
        self.init(
            id: id, account: String(source.dropFirst(Self.sourcePrefix.count)), order: order, time: time,
            digest: body.digest, traceparent: attributes.traceparent, content: body.content)
    }
}

/// The headers of a record that are ours, each the first of its name.
private struct Attributes {
    static let idCountMax = 200

    var id, type, source, subject, time, traceparent: String?

    init(_ headers: [(name: String, value: [UInt8])]) {
        id = Self.text("ce_id", headers)
        type = Self.text("ce_type", headers)
        source = Self.text("ce_source", headers)
        subject = Self.text("ce_subject", headers)
        time = Self.text("ce_time", headers)
        traceparent = Self.text("traceparent", headers)
    }

    /// The first header of this name; nil where there is none, or where its bytes are no UTF-8 (a later one of the name
    /// does not stand in for it: every reader must take the same one).
    private static func text(_ name: String, _ headers: [(name: String, value: [UInt8])]) -> String? {
        headers.first { $0.name == name }.flatMap { String(validating: $0.value, as: UTF8.self) }
    }
}

/// A record's value.
private struct StoredBody {
    var digest: Digest
    var content: Event.Content

    init(_ value: [UInt8], kind: Event.Kind, id: String) throws(EventError) {
        var outline = Outline()
        do { try reading(value) { json throws(JSONError) in try outline.read(&json, kind: kind) } } catch {
            // A newer program may write what this one cannot read: its schema number, if it came first, is the better answer.
            try Self.check(schema: outline.schema, id: id)
            throw .malformed(id: id, Self.sentence(error))
        }
        guard let schema = outline.schema else { throw .malformed(id: id, "the value has no schema") }
        try Self.check(schema: schema, id: id)
        guard let digest = outline.digest.flatMap(Digest.init(hexadecimal:)) else {
            throw .malformed(id: id, "the value has no readable digest")
        }
        self.digest = digest
        do { content = try outline.content(kind) } catch { throw .malformed(id: id, Self.sentence(error)) }
    }

    private static func check(schema: Int64?, id: String) throws(EventError) {
        guard let schema, schema > Event.schema else { return }
        throw .newerSchema(id: id, schema: schema)
    }

    /// Without what came: it may be personal.
    private static func sentence(_ error: BodyError) -> String {
        switch error {
        case .notJSON(let error): "the value is no JSON: \(error)"
        case .faults(let faults):
            "the value does not read: "
                + faults.prefix(5).map { "\($0.pointer) \($0.code.rawValue)" }.joined(separator: ", ")
        }
    }

    /// What the value's object holds.
    private struct Outline {
        var schema: Int64?
        var digest: String?
        var draftReader: DraftReader?
        var changeReader: ChangeReader?

        mutating func read(_ json: inout JSONReader, kind: Event.Kind) throws(JSONError) {
            try json.object { json, key throws(JSONError) in
                switch key {
                case "schema": schema = try json.int64()
                case "digest": digest = try json.string()
                case "order" where kind == .created:
                    var reader = DraftReader(settings: .written, origin: .stored)
                    try reader.read(&json)
                    draftReader = reader
                case "change" where kind != .created:
                    var reader = ChangeReader(settings: .written, origin: .stored)
                    try reader.read(&json)
                    changeReader = reader
                default: try json.skip()
                }
            }
        }

        mutating func content(_ kind: Event.Kind) throws(BodyError) -> Event.Content {
            switch kind {
            case .created: .created(try draft())
            case .updated: .updated(try change())
            case .paid: .paid(try change())
            case .refunded: .refunded(try change())
            }
        }

        private mutating func draft() throws(BodyError) -> OrderDraft {
            guard let draft = try draftReader?.finish() else { throw Self.missing("order") }
            return draft
        }

        private mutating func change() throws(BodyError) -> OrderChange {
            guard let change = try changeReader?.finishChange() else { throw Self.missing("change") }
            return change
        }

        private static func missing(_ member: StaticString) -> BodyError {
            let place = Place(member)
            return .faults([FieldFault(.required, at: place.pointer, expected: "an object", came: "nothing")])
        }
    }
}
