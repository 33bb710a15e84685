public import Configuration
import Events
import HTTP
public import Ledger
public import Lifecycle
import Synchronization
public import Telemetry

/// Posts an order to the API every minute, as a shop does. Of several processes one posts, by a lease in the ledger; while that
/// is away each does, since the API is to be tried then, too.
public final class CanaryPoster: Service {
    public static let urlSetting = Setting(
        "CANARY_URL", "address of the API, as http://ingest:8080/api/v2, to which the auditor posts an order a minute")
    public static let tokenSetting = Setting(
        "CANARY_TOKEN", isSecret: true, "a token of the account CANARY_ACCOUNT, for the orders posted to CANARY_URL")

    private static let every = Duration.seconds(60)
    /// Longer than an interval, so that whoever has it takes it again.
    private static let lease = Duration.seconds(90)
    private static let timeout = Duration.seconds(15)
    private static let outcomes = ["accepted", "refused", "unanswered"]

    public let name = "canary"
    private let url: String
    private let token: String
    private let ledger: Ledger
    private let owner: String
    private let time: any Timekeeper
    private let client = Client(connectionsMaximum: 1)
    private let posted: Counter
    private let outage: Outage
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// nil where ``urlSetting`` is not set.
    ///
    /// - Throws: `ConfigurationError` if the address is not a URL, or there is no token for it.
    public convenience init?(
        _ environment: Environment, _ ledger: Ledger, owner: String, metrics: Metrics, log: Log
    ) throws(ConfigurationError) {
        let url = try environment.value(
            Self.urlSetting, expected: "an address as http://ingest:8080/api/v2"
        ) { $0.hasPrefix("http://") || $0.hasPrefix("https://") ? $0 : nil }
        guard let url else { return nil }
        guard let token = try environment.text(Self.tokenSetting) else {
            throw ConfigurationError(
                name: Self.tokenSetting.name,
                "\(Self.urlSetting.name) is set without \(Self.tokenSetting.name): give a token of the canary's account"
            )
        }
        self.init(url: url, token: token, ledger, owner: owner, metrics: metrics, log: log)
    }

    init(
        url: String, token: String, _ ledger: Ledger, owner: String, metrics: Metrics, log: Log,
        time: any Timekeeper = SystemTime()
    ) {
        self.url = url
        self.token = token
        self.ledger = ledger
        self.owner = owner
        self.time = time
        posted = metrics.counter(
            "orderrelay_canary_posted_total", "The canary's orders, by what the API answered.",
            labels: [Label("outcome", Self.outcomes)])
        outage = Outage(
            saying: "the canary's order is not accepted", ending: "the canary's orders are accepted again", log: log)
    }

    /// It never keeps a process from being ready: an alert on what arrives says more.
    public var notReady: String? { nil }

    public func start() async throws {
        let posting = Task { await self.postRepeatedly() }
        task.withLock { $0 = posting }
    }

    public func stop(by deadline: ContinuousClock.Instant) async {
        let posting = task.withLock { $0 }
        posting?.cancel()
        await posting?.value
        client.close()
    }

    private func postRepeatedly() async {
        while !Task.isCancelled {
            let next = time.now + Self.every
            if await isOurs() { await post() }
            do { try await time.sleep(until: next) } catch { return }
        }
    }

    private func isOurs() async -> Bool {
        let length = Self.lease.milliseconds
        return (try? await ledger.takeLease("canary", owner: owner, milliseconds: length)) ?? true
    }

    private func post() async {
        let body = """
            {"externalId":"\(owner)-\(time.wall.milliseconds)","source":"canary","title":"canary",\
            "price":"1.00","currency":"UAH","customer":{"personId":"canary"},"isNotifyAccount":false}
            """
        do {
            let answer = try await client.send(
                ClientRequest(
                    .post, "\(url)/orders",
                    fields: ["Authorization": "Bearer \(token)", "Content-Type": "application/json"],
                    body: Array(body.utf8), timeout: Self.timeout))
            let isAccepted = answer.status == 201 || answer.status == 200
            posted.add(1, isAccepted ? "accepted" : "refused")
            if isAccepted { outage.ends() } else { outage.goesOn("the API answered \(answer.status)") }
        } catch {
            guard !Task.isCancelled else { return }
            posted.add(1, "unanswered")
            outage.goesOn(error.message)
        }
    }
}
