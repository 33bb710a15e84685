import Testing

@testable import Database

/// The bytes that go to PostgreSQL and come from it.
@Suite("PostgreSQL's values") struct WireTests {
    @Test("scalars are texts that end with a 0, bytes are bytes, NULL is neither")
    func scalars() throws {
        var writer = ParameterWriter()
        for value: Value in [.integer(-42), .text("ї"), .null, .blob([0, 1]), .text("")] { try writer.write(value) }
        #expect(writer.bytes == Array("-42\0ї\0".utf8) + [0, 1] + [0])
        #expect(
            writer.parameters == [
                .init(start: 0, count: 3, isBinary: false), .init(start: 4, count: 2, isBinary: false),
                .init(start: nil, count: 0, isBinary: false), .init(start: 7, count: 2, isBinary: true),
                .init(start: 9, count: 0, isBinary: false),
            ])
    }

    @Test(
        "U+0000 becomes U+FFFD, wherever it stands",
        arguments: [
            ("\0", "\u{FFFD}"), ("a\0\0b", "a\u{FFFD}\u{FFFD}b"), ("\0end\0", "\u{FFFD}end\u{FFFD}"), ("ok", "ok"),
        ])
    func zero(text: String, written: String) throws {
        var bytes = Array("before\0".utf8)
        ParameterWriter.append(text, to: &bytes)
        #expect(bytes == Array("before\0".utf8) + Array(written.utf8))
    }

    @Test("an array has its length, its type, and its elements")
    func arrays() throws {
        var writer = ParameterWriter()
        let rows: [[Value]] = [[.text("ab")], [.null], [.text("c\0")]]
        try writer.write(column: .init(name: "x", kind: .text), at: 0, of: rows)
        let expected: [UInt8] =
            [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 25, 0, 0, 0, 3, 0, 0, 0, 1]
            + [0, 0, 0, 2] + Array("ab".utf8) + [255, 255, 255, 255] + [0, 0, 0, 4] + Array("c\u{FFFD}".utf8)
        #expect(writer.bytes == expected)
        #expect(writer.parameters == [.init(start: 0, count: expected.count, isBinary: true)])

        var numbers = ParameterWriter()
        try numbers.write(column: .init(name: "x", kind: .integer), at: 1, of: [[.null, .integer(-2)]])
        #expect(
            numbers.bytes == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8]
                + [255, 255, 255, 255, 255, 255, 255, 254])

        var none = ParameterWriter()
        try none.write(column: .init(name: "x", kind: .blob), at: 0, of: [])
        #expect(none.bytes == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17])
    }

    @Test("a value of another kind than its column, and a row that is too short, are faults of the statement's")
    func wrongKinds() {
        for row: [Value] in [[.text("1")], [.blob([1])], []] {
            do throws(DatabaseError) {
                var writer = ParameterWriter()
                try writer.write(column: .init(name: "x", kind: .integer), at: 0, of: [row])
                Issue.record("\(row) was written")
            } catch { #expect(error.code == .statement && !error.message.contains("1")) }
        }
    }

    @Test("more than a server takes is refused as data, before it is sent")
    func tooLarge() {
        let blob = Value.blob([UInt8](repeating: 0, count: ParameterWriter.bytesMaximum / 2 + 1))
        do throws(DatabaseError) {
            var writer = ParameterWriter()
            try writer.write(blob)
            try writer.write(blob)
            Issue.record("all was written")
        } catch { #expect(error.code == .data) }
    }

    @Test("fields of each type are read, others are refused")
    func results() {
        func read(_ oid: UInt32, _ bytes: [UInt8]) -> Value? {
            ResultReader.kind(oid: oid).flatMap { kind in bytes.withUnsafeBytes { ResultReader.value(kind, $0) } }
        }
        #expect(read(16, [1]) == .integer(1) && read(16, [0]) == .integer(0))
        #expect(read(21, [255, 254]) == .integer(-2))
        #expect(read(23, [0, 1, 0, 0]) == .integer(65_536))
        #expect(read(20, [128, 0, 0, 0, 0, 0, 0, 0]) == .integer(.min))
        #expect(read(17, [0, 9]) == .blob([0, 9]) && read(17, []) == .blob([]))
        for oid: UInt32 in [25, 1043, 19] { #expect(read(oid, Array("ї".utf8)) == .text("ї")) }
        #expect(read(20, [0, 0, 0, 1]) == nil && read(1700, [0]) == nil && read(701, [0]) == nil)
    }
}
