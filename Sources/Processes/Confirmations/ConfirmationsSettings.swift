public import Configuration
public import Mail

/// How confirmations go out. Environment keys: `SMTP_URL`, `SMTP_CA_FILE`, `MAIL_FROM`.
public struct ConfirmationsSettings: Sendable {
    /// `smtp://user:password@host:587` (STARTTLS), `smtps://host:465`; required.
    public static let smtpURL = Setting(
        "SMTP_URL", isSecret: true,
        "mail server: smtp://user:password@host:587 (STARTTLS) or smtps://host:465; ?tls=never for loopback only")
    /// A PEM file of certificates to trust instead of the system's.
    public static let smtpCAFile = Setting(
        "SMTP_CA_FILE", "PEM file with the certificates that the mail server's is checked against; default the system's"
    )
    /// The sender: an address, or `Name <address>`; required.
    public static let mailFrom = Setting(
        "MAIL_FROM", "sender of confirmations: shop@example.com or Name <shop@example.com>")
    /// All of them, for `orderrelay config`.
    public static let all = [smtpURL, smtpCAFile, mailFrom]

    public var smtp: SMTPSettings
    /// Without a name the account's is used.
    public var from: MailAddress

    public init(smtp: SMTPSettings, from: MailAddress) {
        self.smtp = smtp
        self.from = from
    }

    /// Throws where one is missing, or is not of its form.
    public init(_ environment: Environment) throws(ConfigurationError) {
        let url = try environment.required(Self.smtpURL)
        let sender = try environment.required(Self.mailFrom)
        let caFile = try environment.text(Self.smtpCAFile)
        do throws(MailError) {
            smtp = try SMTPSettings(url: url, caFile: caFile)
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
