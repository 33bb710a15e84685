public import Configuration
import HTTP
import Synchronization
public import Telemetry

/// What a process shows to its operators: `/healthz`, `/readyz`, `/metrics`, and further pages.
///
/// Setting: `ADMIN_LISTEN`.
public final class AdminServer: Service {
    public static let listen = Setting(
        "ADMIN_LISTEN", default: "0.0.0.0:9100",
        "address of /metrics, /healthz and /readyz; port 0: any free one")

    public let name = "admin"
    private let address: String
    private let application: AdminApplication
    private let server = Mutex<Server?>(nil)
    private let connections: Gauge
    private let ready: Gauge

    /// - Parameters:
    ///   - listen: address and port, `0.0.0.0:9100`.
    ///   - pages: further pages; the longest matching path answers.
    public init(listen: String, metrics: Metrics, pages: [AdminPage] = []) {
        address = listen
        application = AdminApplication(metrics: metrics, pages: pages)
        connections = metrics.gauge(
            "orderrelay_http_connections", "Open connections of HTTP clients.",
            labels: [Label("listener", ["admin"])])
        ready = metrics.gauge("orderrelay_ready", "1 for a part of the process that serves, else 0.", labels: ["part"])
        metrics.beforeRendering { [weak self] in self?.measure() }
    }

    /// Sets where `/readyz` gets its report from.
    func show(readiness: @escaping @Sendable () -> [(name: String, reason: String?)]) {
        application.readiness.withLock { $0 = readiness }
    }

    private func measure() {
        connections.set(Double(server.withLock { $0?.connectionCount } ?? 0), "admin")
        // In `dev` several parts may have one name.
        let parts = Dictionary(application.readiness.withLock { $0 }().map { ($0.name, $0.reason == nil) }) { $0 && $1 }
        for (part, serves) in parts { ready.set(serves ? 1 : 0, part) }
    }

    /// The port that it listens on; nil while it does not run.
    public var port: Int? { server.withLock { $0?.port } }

    public func start() async throws {
        var settings = ServerSettings(listen: address)
        settings.connectionsMaximum = 64
        settings.idleTimeout = .seconds(30)
        let server = try Server(settings, application: application)
        self.server.withLock { $0 = server }
    }

    public var notReady: String? { server.withLock { $0 == nil } ? "not listening yet" : nil }

    public func stop(by deadline: ContinuousClock.Instant) async {
        let server = server.withLock { $0.take() }
        await server?.stop(timeout: min(max(deadline - .now, .zero), .seconds(1)))
    }
}

/// What the admin server answers.
final class AdminApplication: Application {
    typealias Context = Void
    private let metrics: Metrics
    private let pages: [AdminPage]
    let readiness = Mutex<@Sendable () -> [(name: String, reason: String?)]>({ [] })

    init(metrics: Metrics, pages: [AdminPage]) {
        self.metrics = metrics
        self.pages = pages.sorted { $0.path.count > $1.path.count }
    }

    func admit(_ head: RequestHead) async -> Admission<Void> { .read(bodyLimit: 256 * 1024, context: ()) }

    func respond(to request: Request, context: Void) async -> Response {
        let path = request.head.path
        if let page = pages.first(where: { $0.isFor(path) }) { return await page.respond(request) }
        guard ["/healthz", "/readyz", "/metrics", "/"].contains(path) else { return text(404, "no such page\n") }
        guard request.head.method == .get || request.head.method == .head else {
            var refusal = text(405, "only GET\n")
            refusal.fields["Allow"] = "GET, HEAD"
            return refusal
        }
        switch path {
        case "/healthz": return text(200, "ok\n")
        case "/readyz": return ready()
        case "/metrics":
            return Response(
                status: 200, fields: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
                body: Array(metrics.rendered().utf8))
        default:
            return text(
                200, (["/healthz", "/readyz", "/metrics"] + pages.map(\.path).sorted()).joined(separator: "\n") + "\n")
        }
    }

    func refusal(status: Int, reason: String, context: Void?) -> Response { text(status, reason + "\n") }

    private func ready() -> Response {
        let readiness = readiness.withLock { $0 }()
        let isReady = !readiness.isEmpty && readiness.allSatisfy { $0.reason == nil }
        let report = ReadinessReport(
            ready: isReady,
            services: readiness.map { .init(name: $0.name, ready: $0.reason == nil, reason: $0.reason) })
        return Response(
            status: isReady ? 200 : 503,
            fields: ["Content-Type": "application/json", "Cache-Control": "no-store"], body: report.json)
    }

    private func text(_ status: Int, _ body: String) -> Response {
        Response(
            status: status, fields: ["Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"],
            body: Array(body.utf8))
    }
}
