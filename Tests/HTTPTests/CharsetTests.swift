import HTTP
import Testing

@Suite("Charsets of forms")
struct CharsetTests {
    private func text(_ label: String, _ bytes: [UInt8]) throws -> String? {
        try #require(Charset(label: label)).text(bytes)
    }

    @Test(
        "a text is read by its charset",
        arguments: [
            ("windows-1251", "Курс", [0xCA, 0xF3, 0xF0, 0xF1]), ("CP1251", "їЇєґ№", [0xBF, 0xAF, 0xBA, 0xB4, 0xB9]),
            ("koi8-u", "Курсї", [0xEB, 0xD5, 0xD2, 0xD3, 0xA7]), ("KOI8-R", "Курс", [0xEB, 0xD5, 0xD2, 0xD3]),
            ("latin2", "Łódź", [0xA3, 0xF3, 0x64, 0xBC]),
            ("iso-8859-5", "Курс", [0xBA, 0xE3, 0xE0, 0xE1]), ("iso-8859-1", "Café", [0x43, 0x61, 0x66, 0xE9]),
            ("windows-1252", "„5 €“", [0x84, 0x35, 0x20, 0x80, 0x93]), ("utf-8", "Курс", Array("Курс".utf8)),
            ("UTF8", "", []), ("us-ascii", "a", [0x61]),
        ] as [(String, String, [UInt8])])
    func read(label: String, expected: String, bytes: [UInt8]) throws {
        #expect(try text(label, bytes) == expected)
    }

    @Test(
        "every byte of every charset is read as one character, or refused; none is replaced",
        arguments: [
            "windows-1251", "windows-1252", "koi8-u", "koi8-r", "iso-8859-2", "iso-8859-5", "utf-8",
        ])
    func everyByte(label: String) throws {
        for byte in UInt8.min...UInt8.max {
            let text = try text(label, [byte])
            if byte == 0 { #expect(text == nil) }
            guard let text else { continue }
            #expect(text.unicodeScalars.count == 1 && text != "\u{FFFD}", "\(byte)")
        }
        #expect(try text("utf-8", [0xCA, 0xF3, 0xF0, 0xF1]) == nil)
        #expect(try text("windows-1251", [0x98]) == nil, "the one byte that it leaves open")
    }

    @Test("unknown charsets are refused", arguments: ["utf-16", "shift_jis", "windows-1250", "x"])
    func unknown(label: String) { #expect(Charset(label: label) == nil) }

    private static let course: [UInt8] = [0xCA, 0xF3, 0xF0, 0xF1]

    private func multipart(_ head: String, _ value: [UInt8], before: String = "") -> [UInt8] {
        Array("\(before)--X\r\nContent-Disposition: form-data; name=\"title\"\r\n\(head)\r\n".utf8) + value
            + Array("\r\n--X--\r\n".utf8)
    }

    @Test("a part's charset counts, else the form's, else the request's, and bytes of none are refused")
    func parts() throws {
        func title(_ body: [UInt8], _ charset: Charset = .utf8) throws -> String? {
            try MultipartForm.fields(body, boundary: "X", charset: charset).last?.value
        }
        let own = multipart("Content-Type: text/plain; charset=windows-1251\r\n", Self.course)
        #expect(try title(own) == "Курс")
        let named = "--X\r\nContent-Disposition: form-data; name=\"_charset_\"\r\n\r\nwindows-1251\r\n"
        #expect(try title(multipart("", Self.course, before: named)) == "Курс")
        #expect(try title(multipart("", Self.course), #require(Charset(label: "windows-1251"))) == "Курс")
        #expect(throws: FormError.self) { try title(multipart("", Self.course)) }
        #expect { try title(multipart("Content-Type: text/plain; charset=utf-7\r\n", Self.course)) } throws: {
            "\($0)".contains("utf-7") && "\($0)".contains("windows-1251")
        }
    }

    @Test("a file among the parts is no field, whatever its bytes")
    func files() throws {
        let file = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"
        let body = Array(file.utf8) + [0xFF, 0xD8, 0x00, 0x0D, 0x0A] + multipart("", Array("Курс".utf8))
        #expect(try MultipartForm.fields(body, boundary: "X").map(\.name) == ["title"])
    }

    @Test("an urlencoded form is read by its charset, too")
    func urlEncoded() throws {
        let bytes = Array("title=%CA%F3%F0%F1&a=b".utf8)
        #expect(throws: FormError.self) { try URLEncodedForm.parse(bytes) }
        #expect(try URLEncodedForm.parse(bytes, charset: #require(Charset(label: "cp1251"))).first?.value == "Курс")
        let named = try URLEncodedForm.parse(Array("_charset_=windows-1251&".utf8) + bytes)
        #expect(named.map(\.value) == ["windows-1251", "Курс", "b"])
    }
}
