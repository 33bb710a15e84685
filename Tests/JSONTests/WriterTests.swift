import JSON
import Testing

@Suite("Writer")
struct WriterTests {
    @Test("objects, arrays and values stand with the commas that they need")
    func commas() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("a")
            writer.array { writer in
                writer.int64(1)
                writer.bool(true)
                writer.null()
                writer.object { _ in }
                writer.array { _ in }
            }
            writer.key("b")
            writer.decimal(ExactDecimal(digits: 250, scale: 2))
            writer.key(dynamic: "c\"d")
            writer.json(Array("[1,2]".utf8))
        }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":[1,true,null,{},[]],"b":2.50,"c\"d":[1,2]}"#)
    }

    @Test("what must be escaped is, and nothing else")
    func escapes() {
        var writer = JSONWriter()
        writer.string("\"\\\n\r\t\u{0}\u{1f}/Олена🙂\u{7f}")
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "\"\\\"\\\\\\n\\r\\t\\u0000\\u001f/Олена🙂\u{7f}\"")
    }

    @Test("every character comes back through the reader")
    func roundTrip() throws {
        var text = ""
        for value in stride(from: UInt32(0), to: 0x11_0000, by: 257) {
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        for value in UInt32(0)..<0x100 { text.unicodeScalars.append(Unicode.Scalar(value)!) }
        var writer = JSONWriter()
        writer.string(text)
        let bytes = writer.bytes
        let span = bytes.span
        var reader = try JSONReader(span.bytes)
        let back = try reader.string()
        try reader.end()
        #expect(Array(back.unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test("a writer that is reset starts over")
    func reset() {
        var writer = JSONWriter()
        writer.int64(1)
        writer.reset()
        writer.int64(2)
        #expect(writer.bytes == Array("2".utf8))
    }
}
