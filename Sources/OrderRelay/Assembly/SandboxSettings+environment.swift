import Configuration
import Sandbox

extension SandboxSettings {
    static let smtpListenSetting = Setting(
        "SANDBOX_SMTP_LISTEN", default: "127.0.0.1:2525", "sandbox: address of its mail server; port 0: any free one")
    static let httpListenSetting = Setting(
        "SANDBOX_HTTP_LISTEN", default: "127.0.0.1:8090", "sandbox: address of its CRM; port 0: any free one")
    static let crmTokenSetting = Setting(
        "SANDBOX_CRM_TOKEN", isSecret: true, "sandbox: the CRM's access token; none: any is taken")
    static let variables = [smtpListenSetting, httpListenSetting, crmTokenSetting]

    /// Environment keys: `SANDBOX_SMTP_LISTEN`, `SANDBOX_HTTP_LISTEN`, `SANDBOX_CRM_TOKEN`.
    init(_ environment: Environment) throws(ConfigurationError) {
        self.init()
        smtpListen = try environment.required(Self.smtpListenSetting)
        httpListen = try environment.required(Self.httpListenSetting)
        token = try environment.text(Self.crmTokenSetting)
    }
}
