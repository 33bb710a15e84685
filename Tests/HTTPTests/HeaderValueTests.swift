import HTTP
import Testing

@Suite("Header fields that are put together")
struct HeaderValueTests {
    @Test("a value of texts and numbers stands between its neighbours, as one that was given whole")
    func composed() {
        var fields: HeaderFields = ["First": "a"]
        fields.add("RateLimit") { value in
            value.text("\"token\";r=")
            value.number(212)
            value.text(";t=")
            value.number(-30)
            value.text(";n=")
            value.number(.min)
        }
        fields.add("Empty") { _ in }
        fields.add("Last", "z")
        #expect(
            fields.all.map { "\($0.name): \($0.value)" } == [
                "First: a", #"RateLimit: "token";r=212;t=-30;n=-9223372036854775808"#, "Empty: ", "Last: z",
            ])
        #expect(fields == HeaderFields(fields.all))
    }
}
