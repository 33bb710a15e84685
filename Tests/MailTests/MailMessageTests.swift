import Testing

@testable import Mail

private func message(_ change: (inout MailMessage) -> Void = { _ in }) -> MailMessage {
    var message = MailMessage(
        from: MailAddress(name: "Shop", address: "shop@example.com"), to: MailAddress(address: "b@example.com"),
        subject: "Hello", text: "Hi\n", html: nil, messageID: "1@example.com", date: 0)
    change(&message)
    return message
}

private func lines(_ message: MailMessage) throws -> [String] {
    String(decoding: try message.encoded(), as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        .map(String.init)
}

@Suite("Messages")
struct MailMessageTests {
    @Test("a plain message is these bytes")
    func plain() throws {
        #expect(
            try lines(message()) == [
                "Date: Thu, 1 Jan 1970 00:00:00 +0000", "From: Shop <shop@example.com>", "To: <b@example.com>",
                "Subject: Hello", "Message-ID: <1@example.com>", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "", "SGkNCg==", "",
            ])
    }

    @Test("text and HTML are alternatives, text first")
    func alternatives() throws {
        let all = try lines(message { $0.html = "<p>Hi</p>" })
        let boundary = try #require(all.first { $0.hasPrefix(" boundary=") }).dropFirst(11).dropLast()
        #expect(all.contains("Content-Type: multipart/alternative;"))
        let types = all.filter { $0.hasPrefix("Content-Type: text") }
        #expect(types == ["Content-Type: text/plain; charset=utf-8", "Content-Type: text/html; charset=utf-8"])
        #expect(all.filter { $0 == "--\(boundary)" }.count == 2 && all.filter { $0 == "--\(boundary)--" }.count == 1)
    }

    @Test("no line is longer than RFC 2047 and MIME allow, all is ASCII, every line end is CRLF")
    func columns() throws {
        let long = String(repeating: "Їжачок 🦔 та 👨‍👩‍👧‍👦 ", count: 60)
        let bytes = try message {
            $0.subject = long
            $0.to.name = long
            $0.text = String(repeating: "x", count: 5_000) + "\n.\r..\r\n" + long
            $0.html = long
        }.encoded()
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(bytes.allSatisfy { $0 < 128 })
        #expect(
            text.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 76 && !$0.contains("\n") && !$0.contains("\r") }
        )
    }

    @Test(
        "encoded words are at most 75 columns and never cut a character",
        arguments: [
            String(repeating: "Щ", count: 200), String(repeating: "👨‍👩‍👧‍👦", count: 40),
            String(repeating: "a\u{301}", count: 100),
            "Замовлення № 1001 🌻 прийнято — дякуємо, що ви з нами! " + String(repeating: "ё", count: 50),
        ])
    func words(text: String) throws {
        var output: [UInt8] = []
        EncodedWord.append(text, to: &output, column: 9)
        let words = String(decoding: output, as: UTF8.self).split(separator: "\r\n ")
        #expect(words.count > 1)
        var decoded = ""
        for word in words {
            #expect(word.utf8.count <= 75 && word.hasPrefix("=?utf-8?B?") && word.hasSuffix("?="))
            let piece = try #require(decodedBase64(String(word.dropFirst(10).dropLast(2))))
            let part = try #require(String(validating: piece, as: UTF8.self), "a scalar was cut")
            decoded += part
        }
        #expect(Array(decoded.unicodeScalars) == Array(text.unicodeScalars))
        #expect(words.map { decodedBase64(String($0.dropFirst(10).dropLast(2)))!.count }.max()! <= 45)
    }

    @Test("a character too long for a word is cut between scalars")
    func longCharacter() throws {
        let text = "e" + String(repeating: "\u{301}", count: 60)
        #expect(text.count == 1)
        var output: [UInt8] = []
        EncodedWord.append(text, to: &output, column: 9)
        let words = String(decoding: output, as: UTF8.self).split(separator: "\r\n ")
        #expect(words.count > 1 && words.allSatisfy { $0.utf8.count <= 75 })
    }

    @Test("a name with specials is quoted, one that reads as an encoded word is encoded")
    func names() throws {
        func to(_ name: String) throws -> String {
            try #require(try lines(message { $0.to.name = name }).first { $0.hasPrefix("To:") })
        }
        #expect(try to("Doe, John \"J\"") == "To: \"Doe, John \\\"J\\\"\" <b@example.com>")
        #expect(try to("=?utf-8?B?aGk=?=").hasPrefix("To: =?utf-8?B?PT91"))
        #expect(try to("   ") == "To: <b@example.com>")
    }

    @Test(
        "a header that would write fields of its own is refused",
        arguments: ["a\r\nBcc: x@y.z", "a\nb", "a\rb", "a\0b", "a\u{85}b", "a\tb"])
    func injection(text: String) {
        for refused in [
            message { $0.subject = text }, message { $0.to.name = text }, message { $0.from.name = text },
            message { $0.fields = [(name: "X-A", value: text)] }, message { $0.fields = [(name: text, value: "1")] },
            message { $0.messageID = text + "@example.com" },
            message { $0.replyTo = MailAddress(name: text, address: "a@b.c") },
        ] {
            let error = #expect(throws: MailError.self) { try refused.encoded() }
            #expect(error?.code == .invalidHeader)
            #expect(error?.message.contains("Bcc") == false, "the value must not be repeated")
        }
    }

    @Test(
        "addresses that not every server takes are refused, with the reason and without the address",
        arguments: [
            ("nobody", "no @"), ("олена@example.com", "SMTPUTF8"), ("a@приклад.укр", "xn--"),
            ("a b@example.com", "not allowed"),
            ("a..b@example.com", "not allowed"), (".a@example.com", "not allowed"), ("@example.com", "1 to 64"),
            ("a@", "not a host name"), ("a@exam ple.com", "not a host name"), ("a@-x.com", "not a host name"),
            ("a@x..com", "not a host name"), ("a>\r\nRCPT TO:<b@example.com", "not allowed"),
            ("a@b.c>\r\nDATA", "not a host name"),
            (String(repeating: "a", count: 65) + "@example.com", "1 to 64"),
            ("a@" + String(repeating: "b", count: 300) + ".com", "254"), ("\"a b\"@example.com", "not allowed"),
        ])
    func addresses(address: String, why: String) {
        let error = #expect(throws: MailError.self) { try message { $0.to.address = address }.encoded() }
        #expect(error?.code == .invalidAddress)
        #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(address) == false)
    }

    @Test(
        "ordinary addresses are taken",
        arguments: [
            "a@b.c", "first.last+tag@sub.example.com", "o'neil@example.com", "x@localhost", "a@xn--80akhbyknj4f.com",
            "user_1@my_host.example",
        ])
    func soundAddresses(address: String) throws {
        #expect(throws: Never.self) { try message { $0.to.address = address }.encoded() }
    }

    @Test("a sender is read with and without a name")
    func parsing() throws {
        #expect(try MailAddress(parsing: "shop@example.com") == MailAddress(address: "shop@example.com"))
        #expect(try MailAddress(parsing: " Крамниця <a@b.c> ") == MailAddress(name: "Крамниця", address: "a@b.c"))
        #expect(try MailAddress(parsing: "\"Shop, Inc\" <a@b.c>") == MailAddress(name: "Shop, Inc", address: "a@b.c"))
        #expect(throws: MailError.self) { try MailAddress(parsing: "Shop <a@b.c") }
    }

    @Test(
        "a date is written as RFC 5322 asks",
        arguments: [
            (Int64(0), "Thu, 1 Jan 1970 00:00:00 +0000"), (1_764_000_000_000, "Mon, 24 Nov 2025 16:00:00 +0000"),
            (951_782_399_999, "Mon, 28 Feb 2000 23:59:59 +0000"), (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (4_107_542_400_000, "Mon, 1 Mar 2100 00:00:00 +0000"),
        ])
    func dates(milliseconds: Int64, expected: String) { #expect(internetDate(milliseconds: milliseconds) == expected) }

    @Test(
        "dots at the start of a line are doubled, and the body ends with a line end",
        arguments: [
            ("", ""), ("a", "a\r\n"), (".", "..\r\n"), (".\r\n.a\r\nb.\r\n", "..\r\n..a\r\nb.\r\n"), ("a\r\n", "a\r\n"),
        ])
    func dots(body: String, expected: String) { #expect(dotStuffed(Array(body.utf8)) == Array(expected.utf8)) }
}

/// The bytes of a base64 text; nil if it is none.
private func decodedBase64(_ text: String) -> [UInt8]? {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var bytes: [UInt8] = []
    var bits = 0
    var count = 0
    for character in text where character != "=" {
        guard let value = alphabet.firstIndex(of: character) else { return nil }
        bits = bits << 6 | value
        count += 6
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(bits >> count & 255))
        }
    }
    return bytes
}
