import Testing

@testable import Mail

@Suite("SMTP settings")
struct SMTPSettingsTests {
    @Test("the forms of the URL")
    func forms() throws {
        let submission = try SMTPSettings(url: "smtp://user:p%40ss%3A%2F%25@mail.example.com")
        #expect(submission.security == .startTLS && submission.port == 587 && submission.host == "mail.example.com")
        #expect(submission.user == "user" && submission.password == "p@ss:/%")
        let implicit = try SMTPSettings(url: "smtps://mail.example.com:2465/", caFile: "/ca.pem")
        #expect(implicit.security == .implicitTLS && implicit.port == 2_465 && implicit.caFile == "/ca.pem")
        #expect(try SMTPSettings(url: "smtps://[::1]").port == 465)
        for host in ["127.0.0.1", "127.9.9.9", "localhost", "[::1]"] {
            #expect(try SMTPSettings(url: "smtp://\(host):25?tls=never").security == .none)
        }
    }

    @Test("a password given apart is the user's, unescaped; two passwords, or one without a user, are refused")
    func passwordApart() throws {
        let apart = try SMTPSettings(url: "smtp://shop%40x@mail.example.com", password: "p%40:/ s")
        #expect(apart.user == "shop@x" && apart.password == "p%40:/ s")
        for (url, words) in [
            ("smtp://u:one@h", "another one is set separately"), ("smtp://h", "names no user"),
            ("smtp://u:@h", "user:password"),
        ] {
            let error = #expect(throws: MailError.self) { try SMTPSettings(url: url, password: "secret7") }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("secret7") == false)
        }
    }

    @Test(
        "what is wrong is said, and never the password",
        arguments: [
            ("http://h", "smtp://"), ("smtp://", "host"), ("smtp://h:0", "host and port"),
            ("smtp://h:99999", "host and port"),
            ("smtp://h/path", "host and port"), ("smtp://h?tls=no", "tls=never"),
            ("smtps://127.0.0.1?tls=never", "tls=never"),
            ("smtp://mail.example.com?tls=never", "loopback"), ("smtp://127.0.0.1.example.com?tls=never", "loopback"),
            ("smtp://u:secret7@127.0.0.1?tls=never", "password"), ("smtp://secret7@h", "user:password"),
            ("smtp://u:secret7%0D%0A@h", "user:password"), ("smtp://u:secret7%zz@h", "user:password"),
            ("smtp://u:sec ret7@h", "spaces"), ("smtp://u:@h", "user:password"), ("smtp://[::1", "host"),
            ("smtp://a_b!c", "host"),
        ])
    func refused(url: String, words: String) {
        let error = #expect(throws: MailError.self) { try SMTPSettings(url: url) }
        #expect(error?.code == .invalidURL)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("ret7") == false)
    }
}
