public import Lifecycle
import Synchronization
public import TLS
public import Telemetry

/// The sandbox: a mailbox behind an SMTP server and a CRM behind an HTTP server, both in memory, for evaluation and
/// tests.
public final class SandboxProcess: Service {
    public let name = "sandbox"
    public let mailbox: Mailbox
    /// One of each kind.
    private let crms: [SandboxCRM]
    /// The CRM that the pages show.
    public var crm: SandboxCRM { crms[0] }
    /// Faults of the mail server, on demand.
    public let mailFaults = SMTPFaults()
    private let settings: SandboxSettings
    private let log: Log
    private let servers = Mutex<(smtp: SocketServer, http: SocketServer)?>(nil)

    public init(_ settings: SandboxSettings = SandboxSettings(), log: Log) {
        self.settings = settings
        self.log = log
        mailbox = Mailbox()
        crms = EmulatedCRMs.all.map { SandboxCRM($0, token: settings.token) }
    }

    /// The mailbox's and the CRM's pages, for the admin server.
    public var adminPages: [AdminPage] { pages.adminPages }
    var pages: MailboxPages { MailboxPages(mailbox: mailbox, crm: crm) }

    public func start() async throws {
        let mailbox = mailbox
        let faults = mailFaults
        let (password, identity) = (settings.smtpPassword, settings.smtpIdentity)
        let site = SandboxSite(
            crms: crms, mailFaults: faults, pages: pages, delayMilliseconds: settings.crmDelayMilliseconds)
        let smtp = try SocketServer(listen: settings.smtpListen) {
            SMTPConversation(mailbox: mailbox, faults: faults, password: password, identity: identity)
        }
        let http: SocketServer
        do {
            http = try SocketServer(listen: settings.httpListen) { HTTPConversation(site: site) }
        } catch {
            await smtp.stop()
            throw error
        }
        servers.withLock { $0 = (smtp, http) }
        log.info("sandbox", ["smtp": String(smtp.port), "http": String(http.port)])
    }

    /// The mail server's port; nil while it does not run.
    public var smtpPort: Int? { servers.withLock { $0?.smtp.port } }
    /// The CRM's port, where the mailbox's pages are, too; nil while it does not run.
    public var httpPort: Int? { servers.withLock { $0?.http.port } }

    public var notReady: String? { servers.withLock { $0 == nil } ? "not listening yet" : nil }

    public func stop(by deadline: ContinuousClock.Instant) async {
        let servers = servers.withLock { $0.take() }
        await servers?.smtp.stop()
        await servers?.http.stop()
    }
}

/// Where the sandbox listens, and what it requires of callers.
public struct SandboxSettings: Sendable {
    /// IPv4 address and port; 0: any free one.
    public var smtpListen = "127.0.0.1:0"
    /// IPv4 address and port of CRM and mailbox; 0: any free one.
    public var httpListen = "127.0.0.1:0"
    /// The CRM's token; nil: any is accepted.
    public var token: String?
    /// Delay of the CRM's answers, to simulate a distant one.
    public var crmDelayMilliseconds = 0
    /// The mail server's password, which is then required; nil: mail is accepted without authentication.
    public var smtpPassword: String?
    /// The mail server's certificate for STARTTLS, which is then required; nil: there is no TLS.
    public var smtpIdentity: TLSIdentity?
    public init() {}
}
