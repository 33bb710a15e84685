/// Words by which servers say whose fault a refusal is where their codes leave it open. Each names who says so.
struct WordRules: Sendable {
    struct Rule: Sendable {
        /// In lower case; all of them stand in the reply.
        var words: [String]
        /// Where it counts; nil: anywhere.
        var stages: [SMTPStage]?
        var saidBy: String
    }
    var rules: [Rule]

    func match(_ reply: String, at stage: SMTPStage) -> Bool {
        rules.contains { rule in
            (rule.stages?.contains(stage) ?? true) && rule.words.allSatisfy { reply.contains($0) }
        }
    }
}

private func rule(_ words: String..., at stages: [SMTPStage]? = nil, by saidBy: String) -> WordRules.Rule {
    WordRules.Rule(words: words, stages: stages, saidBy: saidBy)
}

extension SMTPRefusal {
    /// The sender has sent enough for an hour or a day.
    static let allowanceWords = WordRules(rules: [
        // https://support.google.com/a/answer/3726730
        rule("sending limit exceeded", by: "Google, 550 5.4.5, 550 5.7.1"),
        rule("sending quota exceeded", by: "Google, 550 5.4.5"),
        rule("smtp relay", "limit exceeded", by: "Google, 550 5.7.1, 450 4.2.1"),
        // https://forums.cpanel.net/threads/email-quota.697029/
        rule("has exceeded the max", "per hour", by: "cPanel's exim, 550 without enhanced code"),
        // https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html
        rule("throttling failure", "quota exceeded", by: "Amazon SES, 454"),
        rule("maximum sending rate exceeded", by: "Amazon SES, 454"),
        // https://www.twilio.com/docs/sendgrid/for-developers/sending-email/smtp-errors-and-troubleshooting
        rule("maximum credits exceeded", by: "SendGrid, 451 at AUTH"),
        // https://learn.microsoft.com/exchange/troubleshoot/email-delivery/ndr/non-delivery-reports-in-exchange-online
        rule("submissionquotaexceeded", by: "Exchange Online, 554 5.2.0 at DATA"),
        rule("daily limit for message recipients", by: "Exchange Online, 550"),
    ])

    private static let envelope: [SMTPStage] = [.sender, .recipient]

    /// The sender, its address, its domain or its address of network is refused.
    static let accountWords = WordRules(rules: [
        // https://www.postfix.org/postconf.5.html: smtpd_delay_reject, reject_sender_login_mismatch and their kin
        rule("sender address rejected", by: "Postfix, 553 5.7.1, 550 5.1.0, 554 5.7.1; Yandex at MAIL"),
        rule("client host rejected", by: "Postfix, 554 5.7.1"),
        rule("client host", "blocked using", by: "Postfix with DNS lists, 554 5.7.1"),
        rule("helo command rejected", by: "Postfix, 550 5.7.1"),
        rule("relay", "denied", by: "Postfix, 554 5.7.1; Sendmail, 550 5.7.1; Courier, 513; Mailgun"),
        // https://www.exim.org/exim-html-current/doc/html/spec_html/ch-access_control_lists.html
        rule("relay", "not permitted", by: "Exim's default configuration, 550 at RCPT"),
        rule("relay", "not allowed", by: "MDaemon, Kerio Connect, 550"),
        rule("sender verify failed", by: "Exim, 550 at RCPT"),
        rule("in a black list at", by: "Exim's default configuration with DNS lists, 550 at RCPT"),
        rule("authentication required", by: "Exim's default configuration; Sendmail, 550"),
        // https://www.sendmail.org/~ca/email/doc8.12/op.html: check_mail
        rule("domain of sender address", by: "Sendmail, 553 5.1.8, 501 5.1.8"),
        // https://learn.microsoft.com/exchange/troubleshoot/email-delivery/ndr
        rule("unable to relay", by: "Exchange, 550 5.7.1"),
        rule("send as this sender", by: "Exchange, 550 5.7.60; older ones 5.7.1"),
        // https://cr.yp.to/qmail: qmail-smtpd
        rule("list of allowed rcpthosts", by: "qmail, 553 (#5.7.1)"),
        // https://support.google.com/a/answer/3726730
        rule("credentials for relay", by: "Google, 550 5.7.1"),
        rule("ip you're using to send mail is not authorized", by: "Google, 550 5.7.1 at DATA"),
        rule("unauthenticated email", "is not accepted", by: "Google, 550 5.7.1 at DATA (DMARC)"),
        // https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-smtp.html
        rule("email address is not verified", by: "Amazon SES, 554 at DATA"),
        rule("sending suspended for this account", by: "Amazon SES, 454 and 554"),
        rule("sending paused for this account", by: "Amazon SES, 454 and 554"),
        // https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sender-identity
        rule("does not match a verified sender identity", by: "SendGrid, 550 at DATA"),
        rule("unauthenticated senders not allowed", by: "SendGrid, 550 at MAIL"),
        // https://www.zoho.com/mail/help/mail-delivery-errors.html
        rule("unusual sending activity detected", by: "Zoho, 550 5.4.6 at DATA"),
        // https://help.brevo.com: SMTP troubleshooting
        rule("activate your smtp account", by: "Brevo, 502 5.7.0"),
        rule("unauthorized ip address", by: "Brevo, 525 5.7.1; others 550"),
        // RFC 7208 §8.4 and RFC 7489 §10.3 ask for 550 with words where X.7.23 and X.7.26 are not spoken.
        rule("spf", "fail", by: "policyd-spf and others, 550 5.7.1 (RFC 7208 §8.4)"),
        rule("dmarc", at: [.recipient, .message], by: "OpenDMARC and others, 550 5.7.1 (RFC 7489 §10.3)"),
        // https://www.spamhaus.org/faqs/: what lists ask servers to say
        rule("blocked using", at: envelope, by: "servers with DNS lists, 550, 554"),
        rule("not local sender over smtp", by: "Mail.ru, 550"),
    ])
}
