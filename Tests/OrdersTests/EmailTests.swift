import Testing

@testable import Orders

@Suite("E-mail addresses")
struct EmailTests {
    @Test(
        "an address that mail can be sent to is taken, its domain in lower case, its name as it is",
        arguments: [
            ("a@b.ua", "a@b.ua"), ("Olena.K@Example.COM", "Olena.K@example.com"),
            ("o'neil+x/y=z@sub.example.co", "o'neil+x/y=z@sub.example.co"),
            ("a@xn--80ak6aa92e.com", "a@xn--80ak6aa92e.com"), ("1@2.c3", "1@2.c3"), ("{a}~b@x-y.org", "{a}~b@x-y.org"),
            ("olena@пошта.укр", "olena@xn--80a1acn3a.xn--j1amh"), ("A@Bücher.DE", "A@xn--bcher-kva.de"),
        ])
    func taken(text: String, canonical: String) {
        #expect(EmailAddress.canonical(text) == canonical)
    }

    @Test(
        "invalid addresses, and those that hardly any server accepts, are refused",
        arguments: [
            "", "@", "a", "a@", "@b.ua", "a@b", "a@b.", "a@.ua", "a@b..ua", "a@-b.ua", "a@b-.ua", ".a@b.ua", "a.@b.ua",
            "a..b@c.ua", "a b@c.ua", "a@b c.ua", "a@b@c.ua", "\"a b\"@c.ua", "a@[127.0.0.1]", "a@127.0.0.1", "a@b.123",
            "олена@b.ua", "олена@пошта.укр", "a@по шта.укр", "a@укр", "a@-пошта.укр", "a@b.ua\n",
            "a@b.ua\r\nBcc: x@y.z", "a,b@c.ua", "<a@b.ua>", "a@b_c.ua",
            "a\u{0}@b.ua",
        ])
    func refused(text: String) {
        #expect(EmailAddress.canonical(text) == nil)
    }

    @Test(
        "a fault says what is wrong with an address",
        arguments: [
            ("olena", "with an @"), ("a@b@c.ua", "one address"), ("a@b.ua, c@d.ua", "one address"),
            ("<a@b.ua>", "one address"),
            ("a b@c.ua", "one address"), ("@b.ua", "before the @"), ("a@", "after it"),
            ("олена@b.ua", "Latin letters"),
            ("a..b@c.ua", "repeated dots"), ("a.@b.ua", "repeated dots"), ("a@b.", "repeated dots"),
            ("a@b", "with a dot"),
            ("a@127.0.0.1", "IP address"), ("a@[127.0.0.1]", "IP address"), ("a(b@c.ua", "before the @"),
            ("a@b_c.ua", "letters, digits and inner hyphens"), ("a@-b.ua", "hyphens"),
            ("\(String(repeating: "x", count: 65))@b.ua", "at most 64"),
        ])
    func faults(text: String, part: String) {
        #expect(EmailAddress.canonical(text) == nil)
        #expect(EmailAddress.fault(in: text).contains(part), "\(EmailAddress.fault(in: text))")
    }

    @Test("a name has 64 characters, a label 63, an address 254, and no more")
    func bounds() {
        let x64 = String(repeating: "x", count: 64)
        #expect(EmailAddress.canonical("\(x64)@b.ua") != nil)
        #expect(EmailAddress.canonical("x\(x64)@b.ua") == nil)
        #expect(EmailAddress.canonical("a@\(x64.dropLast()).ua") != nil)
        #expect(EmailAddress.canonical("a@\(x64).ua") == nil)
        let long = "a@" + String(repeating: "x.", count: 125) + "ua"
        #expect(long.utf8.count == 254)
        #expect(EmailAddress.canonical(long) != nil)
        #expect(EmailAddress.canonical("b" + long) == nil)
    }
}
