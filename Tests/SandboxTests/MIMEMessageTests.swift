import Mail
import Testing

@testable import Sandbox

@Suite struct MIMEMessageTests {
    private func read(_ lines: String) -> MIMEMessage {
        MIMEMessage(
            Array(lines.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n").utf8))
    }

    @Test("what our own mail module writes is read back whole", arguments: [true, false])
    func ourOwn(hasHTML: Bool) throws {
        let text =
            "Дякуємо за замовлення!\n\nСума: 1 499,50 ₴ \u{1F600}\n.\n..\n"
            + String(repeating: "довгий рядок ", count: 100)
        let html = "<h1>Дякуємо, Ганно &amp; Co!</h1>\n<p>" + String(repeating: "ї", count: 3_000) + "</p>"
        var message = MailMessage(
            from: MailAddress(name: "Крамниця «Ї»", address: "shop@example.com"),
            to: MailAddress(name: "Ганна-Марія Дуже-Довге-Прізвище-Щоб-Не-Вмістилось", address: "hanna@example.com"),
            subject: "Замовлення прийнято: " + String(repeating: "дуже довга тема ", count: 10), text: text,
            html: hasHTML ? html : nil, messageID: "abc@orderrelay", date: 1_700_000_000_000)
        message.fields = [(name: "Auto-Submitted", value: "auto-generated")]
        let read = MIMEMessage(try message.encoded())
        #expect(read.text?.hasPrefix(text) == true)
        #expect(hasHTML ? read.html?.hasPrefix(html) == true : read.html == nil)
        #expect(read.header("subject") == message.subject)
        #expect(read.header("From") == "Крамниця «Ї» <shop@example.com>")
        #expect(read.header("To")?.contains("Ганна-Марія Дуже-Довге-Прізвище-Щоб-Не-Вмістилось") == true)
        #expect(read.header("Message-ID") == "<abc@orderrelay>")
        #expect(read.header("Auto-Submitted") == "auto-generated")
        #expect(read.attachments.isEmpty)
    }

    @Test("nested parts, quoted-printable, other charsets and attachments are read")
    func others() {
        let message = read(
            """
            Subject: =?windows-1251?B?z/Do4uXy?= =?utf-8?Q?_=D1=81=D0=B2?=
             =?utf-8?Q?=D1=96=D1=82?= plain
            Content-Type: multipart/mixed; boundary="outer;1"

            preamble
            --outer;1
            Content-Type: multipart/alternative; boundary=inner

            --inner
            Content-Type: text/plain; charset=windows-1251
            Content-Transfer-Encoding: quoted-printable

            =CF=F0=E8=E2=
            =E5=F2 =3D
            --inner
            Content-Type: text/html; charset="UTF-8"
            Content-Transfer-Encoding: BASE64

            PGI+0Zc8
            L2I+

            --inner--
            --outer;1
            Content-Type: application/pdf; name="рахунок.pdf"
            Content-Disposition: attachment; filename="invoice.pdf"
            Content-Transfer-Encoding: base64

            AAAA
            --outer;1--
            epilogue
            """)
        #expect(message.header("Subject") == "Привет світ plain")
        #expect(message.text == "Привет =")
        #expect(message.html == "<b>ї</b>")
        #expect(message.attachments == ["invoice.pdf"])
    }

    @Test("a character cut in two by the border of two encoded words is put together")
    func cutCharacter() {
        // "ї" is D1 97.
        #expect(wordsDecoded(Array("=?utf-8?Q?=D1?= =?UTF-8?Q?=97?=".utf8)) == "ї")
        #expect(wordsDecoded(Array("=?utf-8?Q?a?= b =?utf-8?Q?c?=".utf8)) == "a b c")
        #expect(wordsDecoded(Array("=?utf-8?X?a?= and =?broken".utf8)) == "=?utf-8?X?a?= and =?broken")
    }

    @Test(
        "what is malformed is shown as far as it goes, and harms nobody",
        arguments: [
            "", "\r\n", "no colon here\r\n\r\nbody", "Content-Type: multipart/mixed\r\n\r\nx",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\n--b--",
            "Content-Transfer-Encoding: base64\r\n\r\n!!!=",
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n==\r=4",
            "Subject: =?utf-8?B?=?=", "=?=?=?=\r\n\r\n",
        ])
    func malformed(text: String) {
        let message = MIMEMessage(Array(text.utf8))
        #expect(message.attachments.count <= 1)
        for length in 0..<text.utf8.count { _ = MIMEMessage(Array(text.utf8.prefix(length))) }
    }

    @Test("parts in parts without end are passed over")
    func depth() {
        var text = ""
        for level in 0..<100 { text += "Content-Type: multipart/mixed; boundary=b\(level)\r\n\r\n--b\(level)\r\n" }
        #expect(MIMEMessage(Array((text + "\r\ndeep").utf8)).text == nil)
    }
}
