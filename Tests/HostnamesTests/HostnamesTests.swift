import Hostnames
import Testing

@Suite("Names beyond ASCII")
struct HostnamesTests {
    @Test(
        "a name has its xn-- form, in whatever case and composition it came",
        arguments: [
            ("пошта.укр", "xn--80a1acn3a.xn--j1amh"), ("Пошта.УКР", "xn--80a1acn3a.xn--j1amh"),
            ("bücher.example", "xn--bcher-kva.example"), ("bu\u{308}cher.example", "xn--bcher-kva.example"),
            ("example.com", "example.com"), ("straße.de", "xn--strae-oqa.de"), ("a。укр", "a.xn--j1amh"),
        ])
    func forms(name: String, expected: String) {
        #expect(asciiHostname(name) == expected)
    }

    @Test(
        "what is no name has none",
        arguments: [
            "по шта.укр", "пошта_.укр", "пошта\u{A0}.укр", "поштa＿б.укр", "по@шта.укр", "-укр.укр", "пошта..укр",
            "\u{0}укр", "\u{301}а.укр",
        ])
    func refused(name: String) {
        #expect(asciiHostname(name) == nil)
    }

    @Test("text of any length is answered")
    func long() {
        #expect(asciiHostname(String(repeating: "ї", count: 100_000)) == nil)
        #expect(asciiHostname(String(repeating: "ї", count: 60) + ".укр") == nil)
    }
}
