import HTTP
import Testing

@Suite("Forms and media types")
struct FormsTests {
    private func pairs(_ text: String, fieldsMaximum: Int = 200) throws -> [String] {
        try URLEncodedForm.parse(Array(text.utf8), fieldsMaximum: fieldsMaximum).map { "\($0.name)→\($0.value)" }
    }

    @Test("a form's pairs are decoded in their order")
    func urlEncoded() throws {
        #expect(
            try pairs("email=a%40b.ua&name=%D0%86%D0%B2%D0%B0%D0%BD+%2B&empty=&flag&&a=b=c") == [
                "email→a@b.ua", "name→Іван +", "empty→", "flag→", "a→b=c",
            ])
        #expect(try pairs("").isEmpty)
    }

    @Test("a form that is not percent-encoded UTF-8 is refused", arguments: ["a=%", "%zz=1", "a=%ff", "a=%00"])
    func urlEncodedMalformed(_ text: String) {
        #expect { try pairs(text) } throws: { ($0 as? FormError)?.code == .malformed }
    }

    @Test("more fields than allowed are refused")
    func urlEncodedBound() throws {
        #expect(try pairs("a&b&c", fieldsMaximum: 3).count == 3)
        #expect { try pairs("a&b&c&d", fieldsMaximum: 3) } throws: { ($0 as? FormError)?.code == .tooManyFields }
    }

    @Test("what is written is read back")
    func writes() throws {
        let text = URLEncodedForm.write([(name: "a b", value: "ü&="), (name: "c", value: "")])
        #expect(text == "a%20b=%C3%BC%26%3D&c=")
        #expect(try pairs(text) == ["a b→ü&=", "c→"])
    }

    private static let form = """
        preamble\r
        --XX\r
        Content-Disposition: form-data; name="email"\r
        \r
        a@b.ua\r
        --XX  \r
        content-disposition: form-data; name="file"; filename="a;\\"b.txt"\r
        Content-Type: text/plain\r
        \r
        line\r
        --XY not a boundary\r
        \r
        --XX\r
        Content-Disposition: form-data; name="empty"\r
        \r
        \r
        --XX--\r
        epilogue
        """

    @Test("the parts of a multipart form are read")
    func multipart() throws {
        let parts = try MultipartForm.parse(Array(Self.form.utf8), boundary: "XX")
        #expect(parts.map(\.name) == ["email", "file", "empty"])
        #expect(
            parts.map { String(decoding: $0.body, as: UTF8.self) } == [
                "a@b.ua", "line\r\n--XY not a boundary\r\n", "",
            ])
        #expect(parts[1].fileName == "a;\"b.txt")
        #expect(parts[1].contentType == "text/plain")
    }

    @Test("a multipart form cut short at any byte before its end is refused, never read half")
    func multipartCut() throws {
        let whole = Array(Self.form.utf8)
        let end = whole.count - "--\r\nepilogue".utf8.count
        for count in 0..<(end + 2) {
            #expect(throws: FormError.self) { try MultipartForm.parse(Array(whole[..<count]), boundary: "XX") }
        }
    }

    @Test("parts without a name, too many parts and invalid boundaries are refused")
    func multipartMalformed() {
        let nameless = Array("--XX\r\nContent-Type: text/plain\r\n\r\nx\r\n--XX--".utf8)
        #expect(throws: FormError.self) { try MultipartForm.parse(nameless, boundary: "XX") }
        #expect(throws: FormError.self) { try MultipartForm.parse(Array(Self.form.utf8), boundary: "") }
        #expect { try MultipartForm.parse(Array(Self.form.utf8), boundary: "XX", partsMaximum: 2) } throws: {
            ($0 as? FormError)?.code == .tooManyFields
        }
    }

    @Test("a media type is read without regard to case, its parameters unquoted")
    func mediaType() throws {
        let type = try #require(MediaType("Multipart/Form-Data; Boundary=\"a b;c\"; x=y"))
        #expect(type.name == "multipart/form-data")
        #expect(type["boundary"] == "a b;c")
        #expect(type["x"] == "y")
        #expect(MediaType("json") == nil)
        #expect(MediaType("/json") == nil)
        #expect(MediaType("") == nil)
    }

    private static let shapes = ["application/json", "application/problem+json", "text/csv", "text/html"]

    @Test(
        "the caller's Accept chooses the shape",
        arguments: [
            (nil, "application/json"), ("*/*", "application/json"),
            ("application/problem+json", "application/problem+json"),
            ("text/csv;q=0.9, application/json;q=0.8", "text/csv"), ("text/*", "text/csv"),
            ("text/html, */*;q=0.1", "text/html"), ("application/json;q=0, */*", "application/problem+json"),
            ("application/problem+json, application/json", "application/json"), ("image/png", nil),
            ("garbage", "application/json"),
            ("application/*;q=0.5, application/problem+json;q=0.501", "application/problem+json"),
        ] as [(String?, String?)])
    func negotiation(_ accept: String?, _ expected: String?) {
        #expect(Negotiation.choose(Self.shapes, accept: accept) == expected)
    }
}
