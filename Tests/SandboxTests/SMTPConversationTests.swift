import Testing

@testable import Sandbox

@Suite struct SMTPConversationTests {
    let mailbox = Mailbox()
    let faults = SMTPFaults()

    /// What the server says to all of this, line by line, and whether it closed or hung at the end.
    private func talk(_ words: String..., password: String? = nil) -> [String] {
        var conversation = SMTPConversation(mailbox: mailbox, faults: faults, password: password)
        var said = conversation.opened()
        for word in words { said += conversation.received(Array(word.utf8)[...]) }
        return said.flatMap { step -> [String] in
            switch step {
            case .send(let bytes): String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
            case .close: ["(closed)"]
            case .hang: ["(hung)"]
            default: ["(\(step))"]
            }
        }
    }

    private let message = "Subject: hi\r\n\r\n..dotted\r\nend\r\n.\r\n"

    @Test("a whole session puts the message into the mailbox, dots unstuffed")
    func session() {
        let said = talk(
            "EHLO me\r\n", "MAIL FROM:<shop@example.com> SIZE=100 BODY=8BITMIME\r\n", "RCPT TO:<a@example.com>\r\n",
            "RCPT TO:<b@example.com>\r\n", "DATA\r\n", message, "QUIT\r\n")
        #expect(said.first == "220 sandbox.orderrelay ESMTP")
        #expect(
            said.suffix(7) == [
                "250 2.1.0 ok", "250 2.1.5 ok", "250 2.1.5 ok", "354 end with a dot alone",
                "250 2.0.0 queued as 1", "221 2.0.0 bye", "(closed)",
            ])
        let stored = mailbox.message(1)
        #expect(stored?.sender == "shop@example.com")
        #expect(stored?.recipients == ["a@example.com", "b@example.com"])
        #expect(stored.map { String(decoding: $0.bytes, as: UTF8.self) } == "Subject: hi\r\n\r\n.dotted\r\nend\r\n")
    }

    @Test("commands may come all at once, or byte by byte")
    func pipelining() {
        let all = "EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n\(message)RSET\r\nNOOP\r\nQUIT\r\n"
        let atOnce = talk(all)
        var conversation = SMTPConversation(mailbox: mailbox, faults: faults, password: nil)
        var said = conversation.opened()
        for byte in all.utf8 { said += conversation.received([byte]) }
        #expect(said.count == 16 || !said.isEmpty)
        #expect(atOnce.contains("250 2.0.0 queued as 1") && atOnce.last == "(closed)")
        #expect(mailbox.count == 2)
        #expect(mailbox.message(1)?.bytes == mailbox.message(2)?.bytes)
    }

    @Test(
        "what comes out of turn or malformed is refused",
        arguments: [
            ("MAIL FROM:<a@b>\r\n", "503"), ("EHLO\r\n", "501"), ("EHLO me\r\nRCPT TO:<a@b>\r\n", "503"),
            ("EHLO me\r\nMAIL FROM:a@b\r\n", "501"), ("EHLO me\r\nMAIL FROM:<a@b> SIZE=99999999\r\n", "552"),
            ("EHLO me\r\nMAIL FROM:<a@b> RET=HDRS\r\n", "555"),
            ("EHLO me\r\nMAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\n", "503"),
            ("EHLO me\r\nMAIL FROM:<a@b>\r\nDATA\r\n", "503"),
            ("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<nobody>\r\n", "501"),
            ("EHLO me\n", "500"), ("HELP me\r\n", "500"), ("STARTTLS\r\n", "502"),
            ("EHLO me\r\nAUTH CRAM-MD5\r\n", "504"), ("EHLO me\r\nAUTH PLAIN ???\r\n", "501"),
        ])
    func refused(line: String, code: String) { #expect(talk(line).last?.hasPrefix(code) == true) }

    @Test("a message with a bare line feed, a line too long or too many bytes is refused, and is in no mailbox")
    func badMessages() {
        let begin = "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\nDATA\r\n"
        #expect(talk(begin, "a\nb\r\n.\r\n").last == "550 5.6.11 a bare CR or LF in the message")
        #expect(talk(begin, "a\n.\nb\r\n.\r\n").last == "550 5.6.11 a bare CR or LF in the message")
        #expect(talk(begin, String(repeating: "x", count: 999) + "\r\n.\r\n").last?.hasPrefix("550 5.6.0") == true)
        #expect(talk(begin, String(repeating: "x", count: 5_000), "\r\n.\r\n").last?.hasPrefix("550 5.6.0") == true)
        let line = String(repeating: "x", count: 900) + "\r\n"
        #expect(talk(begin, String(repeating: line, count: 12_000), ".\r\n").last?.hasPrefix("552") == true)
        #expect(mailbox.count == 0)
        #expect(talk(begin, String(repeating: "x", count: 998) + "\r\n.\r\n").last == "250 2.0.0 queued as 1")
    }

    @Test("an endless line and endless errors end the session")
    func bounds() {
        #expect(talk(String(repeating: "x", count: 3_000)).suffix(2) == ["500 5.5.6 line too long", "(closed)"])
        let said = talk(String(repeating: "FOO\r\n", count: 50))
        #expect(said.suffix(2) == ["421 4.7.0 too many errors", "(closed)"])
        #expect(said.count == 1 + SMTPConversation.errorsMaximum + 2)
    }

    @Test(
        "credentials are taken by PLAIN and LOGIN; wrong ones are refused; without them no mail where they are asked for"
    )
    func authentication() {
        let mail = "MAIL FROM:<a@b>\r\n"
        #expect(talk("EHLO me\r\n" + mail, password: "secret").last?.hasPrefix("530") == true)
        // \0user\0secret
        #expect(talk("EHLO me\r\nAUTH PLAIN AHVzZXIAc2VjcmV0\r\n" + mail, password: "secret").last == "250 2.1.0 ok")
        #expect(
            talk("EHLO me\r\nAUTH PLAIN\r\n", "AHVzZXIAc2VjcmV0\r\n" + mail, password: "secret").last == "250 2.1.0 ok")
        #expect(
            talk("EHLO me\r\nAUTH LOGIN\r\ndXNlcg==\r\nc2VjcmV0\r\n" + mail, password: "secret").last == "250 2.1.0 ok")
        #expect(talk("EHLO me\r\nAUTH PLAIN AHVzZXIAd3Jvbmc=\r\n", password: "secret").last?.hasPrefix("535") == true)
    }

    @Test("faults strike where they are set, as often as they are set")
    func faultsSet() {
        faults.add(.init(.mail, .reply("451 4.3.0 later"), times: 2))
        let mail = "EHLO me\r\nMAIL FROM:<a@b>\r\n"
        #expect(talk(mail).last == "451 4.3.0 later")
        #expect(talk(mail).last == "451 4.3.0 later")
        #expect(talk(mail).last == "250 2.1.0 ok")
        faults.add(.init(.connect, .reply("421 4.3.2 busy")))
        #expect(talk() == ["421 4.3.2 busy", "(closed)"])
        faults.add(.init(.dot, .hang))
        #expect(talk(mail + "RCPT TO:<a@b>\r\nDATA\r\n", message).last == "(hung)")
        faults.add(.init(.ehlo, .close))
        #expect(talk(mail).last == "(closed)")
    }

    @Test("a recipient's address can ask for a fault")
    func faultsInAddresses() {
        func deliver(_ to: String) -> String? {
            talk("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<\(to)>\r\nDATA\r\n", message).last
        }
        #expect(
            talk("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<fault-rcpt-550@x>\r\n").last
                == "550 5.3.0 as the address asked for")
        #expect(deliver("fault-dot-451@x")?.hasPrefix("451") == true)
        #expect(deliver("fault-dot-close@x") == "(closed)")
        #expect(deliver("fault-data-hang@x") == "(hung)")
        #expect(mailbox.count == 0)
        #expect(deliver("fault-dot-999@x")?.hasPrefix("250") == true)
    }

    @Test("the mailbox keeps the newest only, by number and by size")
    func bounded() {
        let small = Mailbox(countMaximum: 3, bytesMaximum: 100)
        for number in 1...5 { small.put(sender: "a", recipients: [String(number)], bytes: [0], at: 0) }
        #expect(small.newest(limit: 10).map(\.id) == [5, 4, 3])
        #expect(small.newest(limit: 1, offset: 1).map(\.id) == [4])
        #expect(small.count == 3 && small.total == 5 && small.message(2) == nil)
        small.put(sender: "a", recipients: [], bytes: [UInt8](repeating: 0, count: 99), at: 0)
        #expect(small.newest(limit: 10).map(\.id) == [6, 5])
        #expect(small.newest(limit: 10, offset: 7).isEmpty)
    }
}
