import HTTP
import Testing

@Suite("Header fields")
struct HeaderFieldsTests {
    @Test("names compare without regard to case, and values keep theirs")
    func lookUp() {
        var fields: HeaderFields = ["Content-Type": "Text/Plain", "X-A": "1"]
        fields.add("x-a", "2")
        #expect(fields["content-TYPE"] == "Text/Plain")
        #expect(fields["X-a"] == "1")
        #expect(fields.values(of: "X-A") == ["1", "2"])
        #expect(fields["X-B"] == nil)
        #expect(fields["X-"] == nil)
    }

    @Test("letters fold, other characters do not")
    func folding() {
        let fields: HeaderFields = ["a@b": "1", "a_b": "2"]
        #expect(fields["a`b"] == nil)
        #expect(fields["A@B"] == "1")
        #expect(fields["a\u{7F}b"] == nil)
    }

    @Test("setting replaces all fields of the name, and nil removes them")
    func setting() {
        var fields: HeaderFields = ["A": "1", "B": "2", "a": "3"]
        fields["A"] = "4"
        #expect(fields.all.map { "\($0.name)=\($0.value)" } == ["B=2", "A=4"])
        fields["b"] = nil
        #expect(fields.all.map(\.name) == ["A"])
    }
}
