import Crypto
import Events
import JSON
import Testing

@Suite("Envelopes")
struct EnvelopeTests {
    static let digest = sha256([1])

    /// Of a subject that nobody here knows.
    static let envelope = Envelope(
        id: "p1.tagged", type: "orderrelay.person.tagged", account: "acme", subject: "p1",
        time: Timestamp(milliseconds: 1_777_638_600_000), digest: digest, traceparent: "00-1-2-03",
        value: Array(#"{"schema":1,"digest":"\#(digest)","tag":{"name":"vip"}}"#.utf8))

    static func bytes(_ headers: [(name: String, value: String)]) -> [(name: String, value: [UInt8])] {
        headers.map { ($0.name, Array($0.value.utf8)) }
    }

    @Test("what the headers say of an event, whatever it is about, is read from them again")
    func wire() throws {
        let envelope = Self.envelope
        let read = try WireAttributes(Self.bytes(envelope.headers))
        #expect(read.id == envelope.id && read.type == envelope.type && read.subject == envelope.subject)
        #expect(read.traceparent == envelope.traceparent)
        #expect(try read.account() == envelope.account && read.time() == envelope.time)
        #expect(envelope.key == Array("p1".utf8))
    }

    @Test("a header with a control character is as one that is missing", arguments: [0, 0x0A, 0x1F, 0x7F] as [UInt8])
    func controlCharacters(byte: UInt8) throws {
        func attributes(_ id: [UInt8], _ subject: [UInt8]) throws(EventError) -> WireAttributes {
            try WireAttributes([("ce_id", id), ("ce_type", [0x78]), ("ce_subject", subject)])
        }
        #expect(throws: EventError.poison("the record has no readable ce_id")) { try attributes([0x65, byte], [0x73]) }
        #expect(try attributes([0x65], [0x73, byte]).subject == nil)
        #expect(try attributes([0x65], [0x73]).subject == "s")
    }

    @Test("what only some subjects have is asked for once the type is known")
    func askedForLater() throws {
        let read = try WireAttributes(Self.bytes([("ce_id", "e1"), ("ce_type", "x"), ("ce_source", "/accounts/")]))
        #expect(read.subject == nil && read.traceparent == nil)
        #expect(throws: EventError.malformed(id: "e1", "ce_source is not /accounts/<id>")) { try read.account() }
        #expect(throws: EventError.malformed(id: "e1", "ce_time is not an ISO 8601 time")) { try read.time() }
    }

    @Test("a value is written around what its subject says, and read with it, each member once")
    func value() throws {
        let warnings = [FieldWarning(pointer: "/tag", code: "CUT", message: "cut")]
        let value = EventValue(digest: Self.digest, warnings: warnings)
        let bytes = value.encoded(Array(#"{"name":"vip"}"#.utf8), as: "tag")
        var members: [String] = []
        let read = try EventValue(bytes, of: "e1") { json, key throws(JSONError) in
            members.append(key.text)
            try json.skip()
        }
        #expect(read == value && members == ["tag"])
        #expect(EventValue.warnings(in: bytes) == warnings)
        #expect(EventValue.warnings(in: Self.envelope.value).isEmpty)
        #expect(EventValue.warnings(in: [0x7B]).isEmpty)
    }

    @Test("an event whose id was taken has an id of its own, from its content")
    func conflict() {
        let id = Envelope.conflictID(of: "p1.tagged", digest: Self.digest)
        #expect(id == "p1.tagged~\(Self.digest.description.prefix(12))")
    }
}
