import Access
import Crypto
import Delivery
import Ledger
import Mail
import Orders
import Outbound

/// E-mail: fills the template of the order's locale, and passes the message to the mail server.
struct EmailChannel: ConfirmationChannel {
    static let destination: Destination = "email"
    static func address(of buyer: Buyer) -> String? { buyer.email }

    let concurrency: Int
    private let client: SMTPClient
    private let from: MailAddress
    private let now: @Sendable () -> Timestamp

    /// A sender's daily allowance is renewed over the day, an hourly one sooner.
    private static let allowanceRenewal = Duration.seconds(3 * 3_600)

    /// The part of an attempt's time that the mail server does not get, so that the outcome is known before the time is
    /// up.
    private static let margin = Duration.milliseconds(500)

    init(_ settings: ConfirmationsSettings, now: @escaping @Sendable () -> Timestamp) {
        client = SMTPClient(settings.smtp)
        from = settings.from
        concurrency = settings.smtp.connectionsMaximum
        self.now = now
    }

    func close(timeout: Duration) async { await client.close(timeout: timeout) }

    func send(_ notice: Notice, from account: AccountRecord?, _ attempt: Attempt) async -> Outcome {
        do {
            var message = try EmailContent(notice, account: account, from: from).message(to: notice.address)
            message.messageID = messageID(of: attempt)
            message.date = now().milliseconds
            let outcome = try await client.send(message, within: max(.zero, attempt.timeout - Self.margin))
            return Self.outcome(outcome, message, kind: notice.kind, locale: notice.order.draft.locale)
        } catch let error as MailError {
            // The sender's address was checked at the start: what is refused here is the buyer's address, or a header's
            // value.
            return .permanent(why: error.message)
        } catch {
            return .permanent(why: "the template cannot be rendered: \(error)")
        }
    }

    /// The same for every attempt of this delivery: a mail program that gets the message twice can recognise that.
    private func messageID(of attempt: Attempt) -> String {
        let parts = [attempt.event.order.text, attempt.delivery.destination.text, attempt.event.id]
        let digest = sha256(Array(parts.joined(separator: "\n").utf8)).description
        let domain = from.address.split(separator: "@").last.map(String.init) ?? "localhost"
        return "\(attempt.event.order.text).\(digest.prefix(16))@\(domain)"
    }

    /// The outcome, with the mail server's words, without addresses that it may repeat.
    static func outcome(
        _ outcome: SMTPOutcome, _ message: MailMessage, kind: ConfirmationKind, locale: OrderLocale
    ) -> Outcome {
        func masked(_ reply: SMTPReply?) -> String {
            reply.map { ForeignText.maskingBuyer(in: $0.description, of: message.to.address, name: message.to.name) }
                ?? ""
        }
        func explained(_ why: String, _ reply: SMTPReply?) -> String {
            reply == nil ? why : "\(why): \(masked(reply))"
        }
        switch outcome {
        case .accepted(let reply):
            let receipt = [
                "messageId": "<\(message.messageID)>", "smtp": masked(reply),
                "template": "\(kind.rawValue)/\(locale.rawValue)",
            ]
            return .done(answer: masked(reply), receipt: receipt)
        case .temporary(let why, let reply): return .retry(after: nil, why: explained(why, reply))
        case .exhausted(let why, let reply): return .retry(after: allowanceRenewal, why: explained(why, reply))
        case .permanent(let reply): return .permanent(why: masked(reply))
        case .configuration(let why, let reply): return .configuration(why: explained(why, reply))
        case .unknown(let why): return .unknown(why: why)
        }
    }
}
