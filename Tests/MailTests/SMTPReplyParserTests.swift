import Testing

@testable import Mail

@Suite("SMTP replies")
struct SMTPReplyParserTests {
    private func replies(_ text: String) throws(SMTPReplyError) -> [SMTPReply] {
        var parser = SMTPReplyParser()
        var replies: [SMTPReply] = []
        for byte in text.utf8 {
            if let reply = try parser.take(byte) { replies.append(reply) }
        }
        return replies
    }

    @Test("replies of one and of several lines are cut at their ends")
    func sound() throws {
        #expect(
            try replies("250 ok\r\n250-first\r\n250-second\r\n250 last\r\n354\r\n221 bye\n") == [
                SMTPReply(code: 250, lines: ["ok"]), SMTPReply(code: 250, lines: ["first", "second", "last"]),
                SMTPReply(code: 354, lines: [""]), SMTPReply(code: 221, lines: ["bye"]),
            ])
    }

    @Test("half a reply is not a reply yet")
    func half() throws {
        #expect(try replies("250 queu").isEmpty)
        #expect(try replies("250-a\r\n250-b\r\n").isEmpty)
    }

    @Test(
        "what is no reply is refused",
        arguments: [
            "hello what\r\n", "\r\n", "25\r\n", "2500 x\r\n", "150 x\r\n", "650 x\r\n", "2x0 y\r\n", "250_x\r\n",
            "250-a\r\n550 b\r\n", "²50 a\r\n",
        ])
    func malformed(text: String) { #expect(throws: SMTPReplyError.malformed) { try replies(text) } }

    @Test("a flood of bytes or of lines ends at its bound")
    func floods() {
        #expect(throws: SMTPReplyError.lineTooLong) { try replies(String(repeating: "2", count: 1_001)) }
        #expect(throws: SMTPReplyError.tooManyLines) { try replies(String(repeating: "250-x\r\n", count: 101)) }
        #expect(throws: Never.self) { try replies(String(repeating: "250-x\r\n", count: 99) + "250 x\r\n") }
    }

    @Test("what may be shown has no control characters and is clipped")
    func shown() throws {
        let reply = try #require(try replies("550 a\u{1b}[31m\tb" + String(repeating: "x", count: 900) + "\r\n").first)
        #expect(reply.lines[0].hasPrefix("a [31m b") && reply.lines[0].count == 300)
    }

    @Test("random bytes are replies or refused, nothing else")
    func random() {
        var state: UInt64 = 7
        var ends = (replies: 0, refusals: 0)
        for _ in 0..<2_000 {
            var parser = SMTPReplyParser()
            for _ in 0..<60 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let alphabet: [UInt8] = [50, 53, 48, 45, 32, 13, 10, 120, 0, 255]
                do {
                    if try parser.take(alphabet[Int(state >> 33) % alphabet.count]) != nil { ends.replies += 1 }
                } catch {
                    ends.refusals += 1
                    break
                }
            }
        }
        #expect(ends.replies > 0 && ends.refusals > 0)
    }
}
