import Delivery
import Mail
import Orders
import Testing

@testable import Confirmations

@Suite("What a mail server's answer is to the delivery") struct EmailOutcomeTests {
    private func outcome(_ answer: SMTPOutcome) throws -> Outcome {
        let message = MailMessage(
            from: try MailAddress(parsing: "shop@example.com"), to: try MailAddress(parsing: "olena@example.com"),
            subject: "s", text: "t", html: nil, messageID: "1@example.com", date: 0)
        return EmailChannel.outcome(answer, message, kind: .received, locale: .uk)
    }

    @Test("a sender's allowance that is used up is tried again after three hours, and ends nothing")
    func allowance() throws {
        let reply = SMTPReply(code: 550, lines: ["5.4.5 Daily user sending quota exceeded for olena@example.com"])
        guard case .retry(let after, let why) = try outcome(.exhausted("no more for now", reply)) else {
            Issue.record("it ends the row")
            return
        }
        #expect(after == .seconds(3 * 60 * 60))
        #expect(why.contains("5.4.5 Daily user sending quota exceeded") && !why.contains("olena@"))
    }

    @Test("every other answer keeps whose fault it is; the policy decides when a passing one is tried again")
    func others() throws {
        let reply = SMTPReply(code: 550, lines: ["no"])
        #expect(try outcome(.temporary("closed", nil)) == .retry(after: nil, why: "closed"))
        #expect(try outcome(.permanent(reply)) == .permanent(why: "550 no"))
        #expect(try outcome(.configuration("refused", reply)) == .configuration(why: "refused: 550 no"))
        #expect(try outcome(.unknown("no reply")) == .unknown(why: "no reply"))
        guard case .done(let answer, let receipt, _) = try outcome(.accepted(SMTPReply(code: 250, lines: ["queued"])))
        else {
            Issue.record("an accepted message is not done")
            return
        }
        #expect(answer == "250 queued" && receipt["messageId"] == "<1@example.com>")
    }
}
