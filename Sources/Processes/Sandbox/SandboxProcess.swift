public import Lifecycle
import Synchronization
public import Telemetry

/// The sandbox: a mailbox behind an SMTP server and a CRM behind an HTTP server, both in memory, for trying and testing.
public final class SandboxProcess: Service {
    public let name = "sandbox"
    public let mailbox: Mailbox
    public let crm: SandboxCRM
    public let mailFaults = SMTPFaults()
    private let settings: SandboxSettings
    private let log: Log
    private let servers = Mutex<(smtp: SocketServer, http: SocketServer)?>(nil)

    public init(_ settings: SandboxSettings = SandboxSettings(), log: Log) {
        self.settings = settings
        self.log = log
        mailbox = Mailbox()
        crm = SandboxCRM(token: settings.token)
    }

    /// The mailbox's and the CRM's pages, for the admin server.
    public var pages: MailboxPages { MailboxPages(mailbox: mailbox, crm: crm) }

    public func start() async throws {
        let mailbox = mailbox
        let faults = mailFaults
        let password = settings.smtpPassword
        let site = SandboxSite(
            crm: crm, mailFaults: faults, pages: pages, delayMilliseconds: settings.crmDelayMilliseconds)
        let smtp = try SocketServer(listen: settings.smtpListen) {
            SMTPConversation(mailbox: mailbox, faults: faults, password: password)
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

    /// The mail server's port, once started.
    public var smtpPort: Int? { servers.withLock { $0?.smtp.port } }
    /// The CRM's port, once started; the mailbox's pages are there too.
    public var httpPort: Int? { servers.withLock { $0?.http.port } }

    public var notReady: String? { servers.withLock { $0 == nil } ? "not listening yet" : nil }

    public func stop(by deadline: ContinuousClock.Instant) async {
        let servers = servers.withLock { $0.take() }
        await servers?.smtp.stop()
        await servers?.http.stop()
    }
}

/// Where the sandbox listens, and what it asks of callers.
public struct SandboxSettings: Sendable {
    /// IPv4 address and port; 0: any free one.
    public var smtpListen = "127.0.0.1:0"
    public var httpListen = "127.0.0.1:0"
    /// The CRM's token; nil: any.
    public var token: String?
    /// How late the CRM's answers come: as far away as a real one is.
    public var crmDelayMilliseconds = 0
    /// The mail server's password, which then is required; nil: mail is taken without.
    public var smtpPassword: String?
    public init() {}
}
