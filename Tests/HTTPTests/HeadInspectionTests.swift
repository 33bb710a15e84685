import Testing

@testable import HTTP

@Suite("What the server looks at in a head")
struct HeadInspectionTests {
    private func inspect(_ fields: KeyValuePairs<String, String>) -> HeadInspection {
        var inspection = HeadInspection()
        for (name, value) in fields {
            Array(name.utf8).withUnsafeBufferPointer { name in
                Array(value.utf8).withUnsafeBufferPointer { value in inspection.visit(name, value) }
            }
        }
        inspection.end()
        return inspection
    }

    @Test("names are of the characters that RFC 9110 lists, and no others")
    func tokens() {
        let allowed = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        for byte in UInt8.min...UInt8.max { #expect(HeadInspection.isTokenByte(byte) == allowed.contains(byte)) }
    }

    @Test("values have no control character but the tabulator, wherever it stands")
    func text() {
        for byte in UInt8.min...UInt8.max {
            let isAllowed = byte >= 0x20 && byte != 0x7F || byte == 0x09
            for place in 0..<19 {
                var bytes = [UInt8](repeating: 0xE9, count: 19)
                bytes[place] = byte
                bytes.withUnsafeBufferPointer { #expect(HeadInspection.isText($0) == isAllowed) }
            }
        }
    }

    @Test("the body's length is read from the fields")
    func body() {
        #expect(inspect(["Host": "t"]).body == .none)
        #expect(inspect(["content-length": "0"]).body == .none)
        #expect(inspect(["CONTENT-LENGTH": "0042"]).body == .length(42))
        #expect(inspect(["Transfer-Encoding": "Chunked"]).body == .unknown)
        #expect(inspect(["Content-Length": "999999999999999"]).body == .length(999_999_999_999_999))
        #expect(inspect(["Content-Length": "1000000000000000"]).fault?.status == 413)
        #expect(inspect(["Expect": "100-Continue"]).expectsContinue)
    }
}
