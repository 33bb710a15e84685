import Testing

@testable import Mail

private func blame(_ stage: SMTPStage, _ text: String) -> SMTPRefusal.Blame {
    let lines = text.split(separator: "\n").map(String.init)
    return SMTPRefusal(stage, SMTPReply(code: Int(lines[0].prefix(3))!, lines: lines.map { String($0.dropFirst(4)) }))
        .blame
}

@Suite("Whose fault a mail server's refusal is")
struct SMTPRefusalTests {
    @Test(
        "a complaint about the sender is the account's, at whichever command it comes",
        arguments: [
            (SMTPStage.session, "554 5.7.1 You are not welcome"), (.session, "521 no mail here"),
            (.session, "550 5.7.1 Your IP is listed"),
            (.sender, "553 5.7.1 Sender address rejected: not owned by auth user."),
            (.sender, "550 no"), (.sender, "501 5.1.7 Bad sender address syntax"),
            (.sender, "550 5.1.8 Domain of sender address does not exist"),
            (.sender, "550 5.1.1 <orders@shop.example>: unknown"), (.sender, "550 5.2.1 mailbox disabled"),
            (.sender, "530 5.7.57 Client was not authenticated to send anonymous mail during MAIL FROM"),
            (.sender, "501 Mail from address must be same as authorization user"),
            (.sender, "550 Unauthenticated senders not allowed"),
            (.recipient, "553 5.7.1 <orders@shop.example>: Sender address rejected: not logged in"),
            (.recipient, "550 5.1.0 <orders@shop.example>: Sender address rejected: User unknown in local table"),
            (.recipient, "554 5.7.1 Relay access denied"),
            (.recipient, "554 5.7.1 <b@example.com>: Relay access denied"),
            (.recipient, "550 5.7.1 <b@example.com>... Relaying denied. Proper authentication required."),
            (.recipient, "550 relay not permitted"), (.recipient, "513 Relaying denied."),
            (.recipient, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
            (.recipient, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"),
            (.recipient, "550 5.7.1 Client host rejected: cannot find your hostname"),
            (.recipient, "504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname"),
            (.recipient, "503 AUTH first"), (.recipient, "550 5.7.1 Unable to relay"),
            (.recipient, "550-Verification failed for <orders@shop.example>\n550 Sender verify failed"),
            (.message, "550-5.7.26 Unauthenticated email is not accepted"),
            (.message, "550 5.7.1 SPF check failed"), (.message, "550 5.7.60 cannot send as this sender"),
            (
                .message,
                "550-5.7.1 Unauthenticated email from shop.example is not accepted due to domain's DMARC policy"
            ),
            (.message, "554 Message rejected: Email address is not verified."),
            (.message, "550 The from address does not match a verified Sender Identity."),
            (.message, "525 5.7.13 account disabled"), (.message, "550 5.4.6 Unusual sending activity detected."),
        ])
    func account(stage: SMTPStage, text: String) {
        #expect(blame(stage, text) == .account, "\(text)")
    }

    @Test(
        "what is about one recipient or one message stays with it",
        arguments: [
            (SMTPStage.recipient, "550 5.1.1 <b@example.com>: Recipient address rejected: User unknown"),
            (.recipient, "550 no such user"), (.recipient, "550-5.1.1 The email account does not exist"),
            (.recipient, "550 5.4.1 Recipient address rejected: Access denied"), (.recipient, "552 5.2.2 mailbox full"),
            (.recipient, "550 5.2.1 The user you are trying to contact is receiving mail too quickly"),
            (.recipient, "554 5.7.1 <b@example.com>: Recipient address rejected: Access denied"),
            (.recipient, "556 5.1.10 the domain has a null MX"), (.recipient, "501 5.1.3 Bad recipient address syntax"),
            (.recipient, "550 5.7.124 not in the group's list of allowed senders"),
            (.recipient, "550 5.1.1 <relay.access.denied@example.com>: User unknown"),
            (.recipient, "550 <sender address rejected@example.com>: no"),
            (.message, "554 5.7.1 Message rejected under suspicion of SPAM"), (.message, "554 5.6.0 bad content"),
            (.message, "552 5.3.4 Message size exceeds fixed limit"), (.message, "550 refused"),
            (.sender, "552 5.3.4 Message size exceeds fixed maximum message size"), (.sender, "552 too big"),
            (.message, "550 5.7.1 This message violates example.com email policy"),
        ])
    func message(stage: SMTPStage, text: String) {
        #expect(blame(stage, text) == .message, "\(text)")
    }

    @Test(
        "an allowance that is used up comes back: later, whatever the class and the stage",
        arguments: [
            (SMTPStage.message, "550 5.4.5 Daily user sending quota exceeded"),
            (.recipient, "550-5.4.5 Daily user sending limit exceeded. For more information"),
            (.recipient, "550 5.7.1 Daily SMTP relay sending limit exceeded for customer"),
            (.recipient, "450 4.2.1 Peak SMTP relay limit exceeded for customer"),
            (.recipient, "550 Domain shop.example has exceeded the max emails per hour (60/50 (120%)) allowed."),
            (.message, "550 5.7.28 mail flood"), (.message, "454 Throttling failure: Daily message quota exceeded."),
            (.message, "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException"),
            (.recipient, "550 5.1.90 you've reached your daily limit"),
            (.session, "451 Authentication failed: Maximum credits exceeded"),
        ])
    func allowance(stage: SMTPStage, text: String) {
        #expect(blame(stage, text) == .allowance, "\(text)")
    }

    /// All stages, basic codes and enhanced codes.
    private func everyRefusal(_ body: (SMTPStage, Int, EnhancedCode?) -> Void) {
        for stage in SMTPStage.allCases {
            for code in 400...599 {
                body(stage, code, nil)
                for subject in 0...8 { for detail in 0...31 { body(stage, code, EnhancedCode(subject, detail)) } }
            }
        }
    }

    private func refusal(_ stage: SMTPStage, _ code: Int, _ enhanced: EnhancedCode?, _ words: String) -> SMTPRefusal {
        let start = enhanced.map { "\(code / 100).\($0.subject).\($0.detail) " } ?? ""
        return SMTPRefusal(stage, SMTPReply(code: code, lines: [start + words]))
    }

    @Test("every stage, code and enhanced code has a meaning that its class and stage allow")
    func everyCode() {
        everyRefusal { stage, code, enhanced in
            let blame = refusal(stage, code, enhanced, "said").blame
            if code < 500 { #expect(blame == .moment || blame == .allowance, "\(stage) \(code)") }
            if stage == .session { #expect(blame != .message, "\(code) \(enhanced as Any)") }
            guard code >= 500, !SMTPRefusal.accountReplies.contains(code), let enhanced else { return }
            if enhanced.subject == 6, stage != .session { #expect(blame == .message) }
            if [7, 8].contains(enhanced.detail), enhanced.subject == 1 { #expect(blame == .account) }
            if enhanced == EnhancedCode(4, 5) { #expect(blame == .allowance) }
            if enhanced == EnhancedCode(1, 1) {
                #expect(blame == (stage == .recipient || stage == .message ? .message : .account))
            }
        }
    }

    @Test("each rule of words is enough where the code leaves it open, and counts for nothing where the code says it")
    func everyRule() {
        let both = [(SMTPRefusal.allowanceWords, SMTPRefusal.Blame.allowance), (SMTPRefusal.accountWords, .account)]
        for (rules, expected) in both {
            for rule in rules.rules {
                let words = rule.words.joined(separator: " … ")
                for stage in rule.stages ?? SMTPStage.allCases {
                    for open in [nil, EnhancedCode(7, 1), EnhancedCode(1, 0), EnhancedCode(0, 0)] {
                        #expect(refusal(stage, 550, open, words.uppercased()).blame == expected, "\(rule.saidBy)")
                    }
                    let known = refusal(stage, 550, EnhancedCode(3, 4), words).blame
                    #expect(known == (stage == .session ? .account : .message), "\(rule.saidBy)")
                }
                #expect(refusal(.recipient, 550, nil, "<\(words)@example.com> unknown").blame == .message)
            }
        }
    }

    @Test("an enhanced code is read where it stands and is one, and nowhere else")
    func reading() {
        func read(_ code: Int, _ line: String) -> EnhancedCode? { EnhancedCode(SMTPReply(code: code, lines: [line])) }
        #expect(read(550, "5.7.1 no") == EnhancedCode(7, 1))
        #expect(read(550, "5.7.501") == EnhancedCode(7, 501))
        #expect(read(553, "sorry (#5.7.1)") == EnhancedCode(7, 1))
        for text in ["", "no", "4.7.1 no", "5.7 no", "5.7.1.2 no", "5.7.x no", "5.7.+1 no", "5..1 no", "5.7.1234 no"] {
            #expect(read(550, text) == nil, "\(text)")
        }
    }
}
