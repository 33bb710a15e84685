public import Configuration
import TLS

extension SandboxSettings {
    static let smtpListenSetting = Setting(
        "SANDBOX_SMTP_LISTEN", default: "127.0.0.1:2525", "sandbox: address of its mail server; port 0: any free one")
    static let httpListenSetting = Setting(
        "SANDBOX_HTTP_LISTEN", default: "127.0.0.1:8090", "sandbox: address of its CRM; port 0: any free one")
    static let crmTokenSetting = Setting(
        "SANDBOX_CRM_TOKEN", isSecret: true, "sandbox: the CRM's access token; if empty, any is accepted")
    static let smtpPasswordSetting = Setting(
        "SANDBOX_SMTP_PASSWORD", isSecret: true, "sandbox: the mail server's password; if empty, none is required")
    static let smtpCertificateSetting = Setting(
        "SANDBOX_SMTP_CERTIFICATE",
        "sandbox: the mail server's certificate, as PEM; with it, STARTTLS is required; without it, TLS is not offered")
    static let smtpKeySetting = Setting(
        "SANDBOX_SMTP_KEY", isSecret: true, "sandbox: the certificate's key, as PEM without a passphrase")
    /// All settings of the sandbox.
    public static let variables = [
        smtpListenSetting, httpListenSetting, crmTokenSetting, smtpPasswordSetting, smtpCertificateSetting,
        smtpKeySetting,
    ]

    /// Reads ``variables``. Throws ``ConfigurationError`` if one is invalid, or only one of certificate and key is set.
    public init(_ environment: Environment) throws(ConfigurationError) {
        self.init()
        smtpListen = try environment.required(Self.smtpListenSetting)
        httpListen = try environment.required(Self.httpListenSetting)
        token = try environment.text(Self.crmTokenSetting)
        smtpPassword = try environment.text(Self.smtpPasswordSetting)
        smtpIdentity = try Self.identity(environment)
    }

    private static func identity(_ environment: Environment) throws(ConfigurationError) -> TLSIdentity? {
        let certificate = try environment.text(smtpCertificateSetting)
        let key = try environment.text(smtpKeySetting)
        guard certificate != nil || key != nil else { return nil }
        guard let certificate, let key else {
            let (there, missing) =
                certificate == nil ? (smtpKeySetting, smtpCertificateSetting) : (smtpCertificateSetting, smtpKeySetting)
            throw ConfigurationError(
                name: missing.name, "\(there.name) is set and \(missing.name) is not: a server needs both")
        }
        do throws(TLSError) {
            return try TLSIdentity(certificate: certificate, key: key)
        } catch {
            throw ConfigurationError(
                name: smtpCertificateSetting.name,
                "\(smtpCertificateSetting.name) and \(smtpKeySetting.name): \(error.message)")
        }
    }
}
