import Assembly
import Configuration
import Mail

/// Whether the mail server lets `confirmations` in: connected, secured and logged in to, but never given a message.
enum MailExamination {
    static func findings(_ environment: Environment) async -> [Finding] {
        let settings: ConfirmationsSettings
        do throws(ConfigurationError) {
            guard try environment.text(ConfirmationsSettings.smtpURL) != nil else {
                return [
                    Finding(
                        .warning, "smtp", "SMTP_URL is not set here, so the mail server was not asked",
                        remedy: "run doctor with the settings of confirmations")
                ]
            }
            settings = try ConfirmationsSettings(environment)
        } catch {
            return [Finding(.fault, "smtp", error.description, remedy: "correct the setting \(error.name)")]
        }
        let smtp = settings.smtp
        let place = "\(smtp.host):\(smtp.port)"
        guard let failure = await SMTPClient(smtp).logIn() else {
            let loggedIn = smtp.user == nil ? "connected, without credentials" : "connected and logged in"
            return [Finding(.ok, "smtp", "\(place): \(loggedIn)")]
        }
        return [finding(failure, at: place)]
    }

    private static func finding(_ failure: SMTPOutcome, at place: String) -> Finding {
        switch failure {
        case .configuration(let why, let reply):
            Finding(
                .fault, "smtp", "\(place): \(why)\(shown(reply))",
                remedy: "correct SMTP_URL, SMTP_PASSWORD or SMTP_CA_FILE")
        case .temporary(let why, let reply):
            Finding(
                .fault, "smtp", "\(place): \(why)\(shown(reply))",
                remedy: "check that the mail server runs, and that this machine reaches it")
        case .exhausted(let why, let reply):
            Finding(
                .warning, "smtp", "\(place): \(why)\(shown(reply))",
                remedy: "wait for the provider's next hour or day, or have the allowance raised")
        case .permanent(let reply):
            Finding(.fault, "smtp", "\(place): refused\(shown(reply))", remedy: "ask the provider why")
        case .unknown(let why): Finding(.fault, "smtp", "\(place): \(why)", remedy: "run doctor again")
        case .accepted: Finding(.ok, "smtp", "\(place): connected")
        }
    }

    private static func shown(_ reply: SMTPReply?) -> String { reply.map { ": \($0)" } ?? "" }
}
