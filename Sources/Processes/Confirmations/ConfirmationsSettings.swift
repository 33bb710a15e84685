public import Configuration
public import Mail

/// How confirmations are sent. Settings: `SMTP_URL`, `SMTP_PASSWORD`, `SMTP_CA_FILE`, `MAIL_FROM`.
public struct ConfirmationsSettings: Sendable {
    /// `smtp://user:password@host:587` (STARTTLS), `smtps://host:465`; required.
    public static let smtpURL = Setting(
        "SMTP_URL", isSecret: true,
        "mail server: smtp://user:password@host:587 (STARTTLS) or smtps://host:465; ?tls=never for loopback only")
    /// The password of the user, if `SMTP_URL` names one without it.
    public static let smtpPassword = Setting(
        "SMTP_PASSWORD", isSecret: true, "password of the user in SMTP_URL, if that has none: smtp://user@host:587")
    /// A PEM file of certificates to trust instead of the system's.
    public static let smtpCAFile = Setting(
        "SMTP_CA_FILE", "PEM file with the certificates to trust for the mail server (default: the system's)"
    )
    /// The sender: an address, or `Name <address>`; required.
    public static let mailFrom = Setting(
        "MAIL_FROM", "sender of confirmations: shop@example.com or Name <shop@example.com>")
    /// All settings of this worker.
    public static let all = [smtpURL, smtpPassword, smtpCAFile, mailFrom]

    public var smtp: SMTPSettings
    /// Without a name, messages have the account's name.
    public var from: MailAddress

    public init(smtp: SMTPSettings, from: MailAddress) {
        self.smtp = smtp
        self.from = from
    }

    /// Throws ``ConfigurationError`` if a required one is missing, or one is invalid.
    public init(_ environment: Environment) throws(ConfigurationError) {
        let url = try environment.required(Self.smtpURL)
        let sender = try environment.required(Self.mailFrom)
        let caFile = try environment.text(Self.smtpCAFile)
        let password = try environment.text(Self.smtpPassword)
        do throws(MailError) {
            smtp = try SMTPSettings(url: url, password: password, caFile: caFile)
        } catch {
            throw ConfigurationError(name: Self.smtpURL.name, "\(Self.smtpURL.name): \(error.message)")
        }
        do throws(MailError) {
            from = try MailAddress(parsing: sender)
        } catch {
            throw ConfigurationError(name: Self.mailFrom.name, "\(Self.mailFrom.name): \(error.message)")
        }
    }
}
