/// What codes say by themselves. Sources: RFC 5321 §4.2 (basic codes), RFC 3463 §3 and the registry that RFC 5248 began
/// (https://www.iana.org/assignments/smtp-enhanced-status-codes), RFC 4954 §6 (authentication), RFC 7372 (what fails
/// when a sender's domain is checked), RFC 7504 (521, 556); Microsoft's own from
/// https://learn.microsoft.com/exchange/troubleshoot/email-delivery/ndr/non-delivery-reports-in-exchange-online.
extension SMTPRefusal {
    /// 530, 534, 535, 538 authentication (RFC 4954 §6), 523 encryption, 524 and 525 the sender's account (registry, at
    /// X.7.10, X.7.12, X.7.13), 521 no mail here at all (RFC 7504); 500, 502, 503, 504: the command, not what it names.
    static let accountReplies: Set<Int> = [530, 534, 535, 538, 523, 524, 525, 521, 500, 502, 503, 504]

    /// X.4.5 congestion, by which Google names its daily limit; X.7.28 a flood of mail; Microsoft's daily limits of a
    /// mailbox (X.1.90) and of a tenant (X.7.232, 233).
    static let allowances: Set<EnhancedCode> = [
        .congestion, EnhancedCode(7, 28), EnhancedCode(1, 90), EnhancedCode(7, 232), EnhancedCode(7, 233),
    ]

    /// Codes that say whose fault it is. What is not here (X.0.0, X.1.0, X.7.1, …) leaves it open.
    static let table: [EnhancedCode: Blame] = {
        var table: [EnhancedCode: Blame] = [:]
        func say(_ blame: Blame, _ subject: Int, _ details: Int...) {
            for detail in details { table[EnhancedCode(subject, detail)] = blame }
        }
        // Address: the recipient's mailbox, its system, its form (1–6), a system without mail (9, 10).
        say(.message, 1, 1, 2, 3, 4, 5, 6, 9, 10)
        // The sender's address in form, and its system; Microsoft: a sender blocked for spam (8 too).
        say(.account, 1, 7, 8)
        // Mailbox: disabled, full, too long a message, a list's expansion.
        say(.message, 2, 1, 2, 3, 4)
        // System: full for now.
        say(.moment, 3, 1)
        // System: takes no mail, lacks a feature, is set up wrongly.
        say(.account, 3, 2, 3, 5)
        // The message is too big for the system.
        say(.message, 3, 4)
        // Routing: a directory that does not answer "is useful only as a persistent transient error".
        say(.moment, 4, 3)
        // Protocol: so many recipients; we name one, so the limit concerns earlier ones.
        say(.allowance, 5, 3)
        // Policy, about the sender's security and credentials.
        say(.account, 7, 3, 4, 8, 9, 10, 11, 12, 13, 14)
        // Policy, about the sender's domain: DKIM, SPF, reverse DNS, several of these, a domain without mail (RFC 7372,
        // RFC 7505), ARC.
        say(.account, 7, 20, 21, 22, 23, 24, 25, 26, 27, 29)
        // Policy, about this message or this recipient: a list's expansion, cryptography, integrity, priority (RFC
        // 6710), a mailbox with another owner (RFC 7293), REQUIRETLS (RFC 8689).
        say(.message, 7, 2, 5, 6, 7, 15, 16, 17, 18, 19, 30)
        // Microsoft: not a client's relay, not this sender's mailbox, anonymous, banned, over a threshold,
        // unregistered.
        say(.account, 7, 54, 57, 60, 64, 501, 502, 503, 509, 515, 705, 708, 750)
        // Microsoft: recipients that take no mail from outside.
        say(.message, 7, 124, 133, 134, 135, 136)
        return table
    }()

    /// What stage and basic code say if nothing else does.
    static func byStage(_ stage: SMTPStage, _ code: Int) -> Blame {
        switch stage {
        case .session: .account
        // 552 is what MAIL's SIZE brings (RFC 1870 §6.1): the message's. 555 is a parameter of MAIL that is not known.
        case .sender: code == 552 ? .message : .account
        // 513 is Courier's for "Relaying denied".
        case .recipient: code == 513 || code == 555 ? .account : .message
        case .message: .message
        }
    }
}
