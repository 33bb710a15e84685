public import Crypto
public import JSON

/// A record's value without what the event is about: `{"schema":1,"digest":…,"order":…,"warnings":[…]}`, where `order`
/// stands for the member that the subject reads and writes itself.
public struct EventValue: Sendable, Equatable {
    /// The schema number that this program writes.
    public static let schema: Int64 = 1

    /// Room for most values: with an array's own head of 32 bytes the largest block, 1,032 bytes, that the C library
    /// keeps at hand for each thread.
    public static let usualByteCount = 1000

    /// SHA-256 of what the event says.
    public var digest: Digest
    /// What was changed or left out when the request was read.
    public var warnings: [FieldWarning]

    public init(digest: Digest, warnings: [FieldWarning]) {
        self.digest = digest
        self.warnings = warnings
    }

    /// The value's bytes.
    ///
    /// - Parameters:
    ///   - content: what the event says, as JSON.
    ///   - member: the name that it has in the value.
    public func encoded(_ content: [UInt8], as member: StaticString) -> [UInt8] {
        var writer = JSONWriter(capacity: Self.usualByteCount)
        writer.object { writer in
            writer.key("schema")
            writer.int64(Self.schema)
            writer.key("digest")
            writer.string(digest.description)
            writer.key(member)
            writer.json(content)
            if !warnings.isEmpty {
                writer.key("warnings")
                warnings.write(to: &writer)
            }
        }
        return writer.bytes
    }

    /// Reads a value once, from its beginning to its end.
    ///
    /// - Parameters:
    ///   - id: the event's id, for the error.
    ///   - content: called for every member that is not the value's own; it must read or skip it.
    /// - Throws: ``EventError/malformed(id:_:)`` if the bytes are not JSON of this shape,
    ///   ``EventError/newerSchema(id:schema:)`` if a newer program wrote them.
    public init(
        _ bytes: [UInt8], of id: String, content: (inout JSONReader, JSONKey) throws(JSONError) -> Void
    ) throws(EventError) {
        var schema: Int64?
        var digest: String?
        var warnings: [FieldWarning] = []
        do throws(JSONError) {
            let span = bytes.span
            var json = try JSONReader(span.bytes)
            try json.object { json, key throws(JSONError) in
                switch key {
                case "schema": schema = try json.int64()
                case "digest": digest = try json.string()
                case "warnings": warnings = try [FieldWarning](reading: &json)
                default: try content(&json, key)
                }
            }
            try json.end()
        } catch {
            // A newer program may write what this one cannot read: its schema number, if it came first, is the better
            // answer.
            try Self.check(schema: schema, of: id)
            throw .malformed(id: id, "the value is not JSON: \(error)")
        }
        guard let schema else { throw .malformed(id: id, "the value has no schema") }
        try Self.check(schema: schema, of: id)
        guard let digest = digest.flatMap(Digest.init(hexadecimal:)) else {
            throw .malformed(id: id, "the value has no readable digest")
        }
        self.init(digest: digest, warnings: warnings)
    }

    private static func check(schema: Int64?, of id: String) throws(EventError) {
        guard let schema, schema > Self.schema else { return }
        throw .newerSchema(id: id, schema: schema)
    }

    /// The warnings of the event that has this value; empty if the value cannot be decoded.
    public static func warnings(in value: [UInt8]) -> [FieldWarning] {
        let read = try? EventValue(value, of: "") { json, _ throws(JSONError) in try json.skip() }
        return read?.warnings ?? []
    }
}
