import Testing

@testable import HTTP

@Suite("What a request prefers")
struct PreferencesTests {
    private func wait(_ fields: String...) -> String? {
        Preferences(HeaderFields(fields.map { (name: "Prefer", value: $0) }))["wait"]
    }

    @Test("a preference is found among others, in any case and over several fields")
    func found() {
        #expect(wait("wait=5") == "5")
        #expect(wait("respond-async, WAIT = 10") == "10")
        #expect(wait("handling=lenient", "return=minimal; x=y, wait=3; z") == "3")
        #expect(wait("wait=\"7\"") == "7")
        #expect(wait("wait") == "", "no value")
    }

    @Test("of a preference given twice the first counts (RFC 7240, 2)")
    func first() {
        #expect(wait("wait=1, wait=2") == "1")
        #expect(wait("wait=1", "wait=2") == "1")
    }

    @Test("what is quoted, or no preference, is not taken for one")
    func absent() {
        #expect(wait() == nil)
        #expect(wait("") == nil)
        #expect(wait("x=\", wait=5\"") == nil)
        #expect(wait("a=b=c, =5") == nil)
    }
}
