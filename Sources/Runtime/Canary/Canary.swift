public import Configuration
public import Delivery
import Events
public import Intake
public import Ledger
import Orders
public import Telemetry

/// An order a minute through everything, to a receiver that is built in: what no counter shows, since nothing is counted where
/// nothing happens, is seen by its absence.
///
/// `auditor` posts it to the API (``CanaryPoster``). Every worker plans a delivery to ``Ledger/Destination/canary`` for it, in
/// the place of all others, and the attempt calls nobody.
public struct Canary: Sendable {
    public static let accountSetting = Setting(
        "CANARY_ACCOUNT", "id of the account whose orders are the canary's: workers deliver them to nobody")

    private let account: String
    private let lastDone: Gauge
    private let latency: Gauge

    /// nil where ``accountSetting`` is not set.
    public init?(_ environment: Environment, metrics: Metrics, worker: String) throws(ConfigurationError) {
        guard let account = try environment.text(Self.accountSetting) else { return nil }
        self.init(account: account, metrics: metrics, worker: worker)
    }

    init(account: String, metrics: Metrics, worker: String) {
        self.account = account
        let labels = [Label("worker", [worker])]
        lastDone = metrics.gauge(
            "orderrelay_canary_last_done_timestamp_seconds",
            "When the worker was last done with a canary's order, in seconds since 1970; 0: never yet.", labels: labels)
        latency = metrics.gauge(
            "orderrelay_canary_latency_seconds",
            "How long the last canary's order took, from its acceptance until the worker was done with it.",
            labels: labels)
    }

    /// Plans as `planner` does, but the canary's orders go to the built-in receiver.
    public func planner(_ planner: any Planner) -> any Planner { CanaryPlanner(planner, account: account) }

    /// The built-in receiver; nil for another destination.
    ///
    /// - Parameter worker: whose rows it gets.
    public func adapter(for destination: Destination, of worker: String) -> (any Adapter)? {
        guard destination == .canary else { return nil }
        return CanaryAdapter { event in
            let now = Double(WallClock.milliseconds()) / 1000
            lastDone.set(now, worker)
            latency.set(max(0, now - Double(event.time.milliseconds) / 1000), worker)
        }
    }
}
