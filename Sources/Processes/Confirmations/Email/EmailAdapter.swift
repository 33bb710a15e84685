import Access
import Crypto
public import Delivery
import Ledger
import Mail
import Orders

/// Tells a buyer by e-mail: folds the order from its history, fills the template of its locale, hands the message over.
public struct EmailAdapter: Adapter {
    /// A lease of 30 s must outlast an attempt by 5 s.
    public let timeout = Duration.seconds(20)
    public let concurrency: Int

    private let client: SMTPClient
    private let from: MailAddress
    private let account: @Sendable (String) async throws -> AccountRecord?
    private let now: @Sendable () -> Timestamp

    /// A server that takes messages and never says so would else bring the buyer the same one for days.
    private static let attemptsWithUnknownOutcomeMaximum = 5

    /// What of an attempt's time is not given to the mail server, so that its outcome is known before the time is up.
    private static let margin = Duration.milliseconds(500)

    init(
        client: SMTPClient, from: MailAddress, connections: Int,
        account: @escaping @Sendable (String) async throws -> AccountRecord?, now: @escaping @Sendable () -> Timestamp
    ) {
        self.client = client
        self.from = from
        self.account = account
        self.now = now
        concurrency = connections
    }

    public func attempt(_ attempt: Attempt) async -> Outcome {
        let attempts = attempt.delivery.attempt
        if attempt.delivery.isOutcomeUnknown, attempts >= Self.attemptsWithUnknownOutcomeMaximum {
            return .permanent(
                why: "may have been delivered: given up after \(attempts) attempts, the last without an answer")
        }
        switch Notice.deciding(attempt.event, history: attempt.history) {
        case .declined(let why): return .declined(why: why)
        case .tell(let notice): return await send(notice, attempt)
        }
    }

    private func send(_ notice: Notice, _ attempt: Attempt) async -> Outcome {
        let owner: AccountRecord?
        do {
            owner = try await account(notice.order.account)
        } catch {
            return .retry(after: nil, why: "the account cannot be read now")
        }
        do {
            var message = try EmailContent(notice, account: owner, from: from).message(to: notice.address)
            message.messageID = messageID(of: attempt)
            message.date = now().milliseconds
            let outcome = try await client.send(message, within: max(.zero, attempt.timeout - Self.margin))
            return Self.outcome(outcome, message, kind: notice.kind, locale: notice.order.draft.locale)
        } catch let error as MailError {
            // The sender's address was checked at the start: what is refused here is the buyer's, or a header's value.
            return .permanent(why: error.message)
        } catch {
            return .permanent(why: "the template does not render: \(error)")
        }
    }

    /// The same for every attempt of this delivery: whoever gets a message twice can tell that it is one.
    private func messageID(of attempt: Attempt) -> String {
        let parts = [attempt.event.order.text, attempt.delivery.destination, attempt.event.id]
        let digest = sha256(Array(parts.joined(separator: "\n").utf8)).description
        let domain = from.address.split(separator: "@").last.map(String.init) ?? "localhost"
        return "\(attempt.event.order.text).\(digest.prefix(16))@\(domain)"
    }

    /// What the mail server said, without the addresses that it may repeat.
    private static func outcome(
        _ outcome: SMTPOutcome, _ message: MailMessage, kind: ConfirmationKind, locale: OrderLocale
    ) -> Outcome {
        func masked(_ reply: SMTPReply?) -> String {
            reply.map { maskingBuyer(in: $0.description, of: message.to.address, name: message.to.name) } ?? ""
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
        case .permanent(let reply): return .permanent(why: masked(reply))
        case .configuration(let why, let reply): return .configuration(why: explained(why, reply))
        case .unknown(let why): return .unknown(why: why)
        }
    }
}
