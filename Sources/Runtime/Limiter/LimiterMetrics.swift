import RateLimit
import Synchronization
import Telemetry

/// The rate limit's metrics. The claimants count; their counts are summed up here before each rendering.
final class LimiterMetrics: Sendable {
    let restricted: Counter
    private let decisions: Counter
    private let records: Counter
    private let troubles: Counter
    private let limits: Gauge
    private let behind: Gauge
    private let clockSpread: Gauge
    private let verdictSeconds: Histogram
    private let metrics: Metrics
    private let last = Mutex(Sums())

    private static let verdicts = ["leased", "claimed", "refused", "refused_locally", "unavailable"]
    private static let troubles = ["late_verdict", "given_up", "foreign_record", "disagreement", "clock_jump"]

    init(_ metrics: Metrics) {
        self.metrics = metrics
        decisions = metrics.counter(
            "orderrelay_ratelimit_decisions_total", "Requests for permits, by decision and by how it was made.",
            labels: [Label("verdict", Self.verdicts)])
        restricted = metrics.counter(
            "orderrelay_ratelimit_restricted_total", "Requests turned away because their limit is restricted.")
        records = metrics.counter(
            "orderrelay_ratelimit_records_total", "Records of topic ratelimit, sent by kind, and read.",
            labels: [Label("kind", ["claim", "probe", "strike", "read"])])
        troubles = metrics.counter(
            "orderrelay_ratelimit_troubles_total", "Problems that prevented decisions, by kind.",
            labels: [Label("kind", Self.troubles)])
        limits = metrics.gauge("orderrelay_ratelimit_limits", "Limits whose state this process holds.")
        behind = metrics.gauge(
            "orderrelay_ratelimit_partitions_behind", "Partitions of topic ratelimit not read to their end.")
        clockSpread = metrics.gauge(
            "orderrelay_ratelimit_broker_clock_spread_seconds",
            "How far the clocks of the brokers that lead partitions of topic ratelimit are apart at least: keep it below 0.05."
        )
        verdictSeconds = metrics.histogram(
            "orderrelay_ratelimit_verdict_seconds", "How long a request waited for the partition's verdict.")
    }

    func waited(since start: OwnTime) {
        verdictSeconds.record(Double(OwnTime.now().nanoseconds - start.nanoseconds) / 1e9)
    }

    /// Sums up what the claimants of `drivers` have counted, whenever metrics are asked for.
    func observe(_ drivers: @escaping @Sendable () -> [PartitionDriver]) {
        metrics.beforeRendering { [weak self] in self?.update(drivers()) }
    }

    private func update(_ drivers: [PartitionDriver]) {
        var sums = Sums()
        var (held, waiting) = (0, 0)
        var offsets: [ClosedRange<Int64>] = []
        for driver in drivers {
            driver.look { claimant, _ in
                sums.add(claimant)
                held += claimant.replica.limitCount
                waiting += claimant.isReady ? 0 : 1
                if let bounds = claimant.watch.offset.bounds { offsets.append(bounds) }
            }
        }
        limits.set(Double(held))
        behind.set(Double(waiting))
        clockSpread.set(Double(ClockOffset.spread(of: offsets)) / 1e9)
        let before = last.withLock { last in
            defer { last = sums }
            return last
        }
        for (name, count) in sums.decisions { decisions.add(increase(count, before.decisions[name]), name) }
        for (name, count) in sums.records { records.add(increase(count, before.records[name]), name) }
        for (name, count) in sums.troubles { troubles.add(increase(count, before.troubles[name]), name) }
    }

    /// A new session counts from zero.
    private func increase(_ count: Int, _ before: Int?) -> Int {
        let before = before ?? 0
        return count >= before ? count - before : count
    }

    private struct Sums: Sendable {
        var decisions: [String: Int] = [:]
        var records: [String: Int] = [:]
        var troubles: [String: Int] = [:]

        mutating func add(_ claimant: Claimant) {
            let (counts, read) = (claimant.counts, claimant.replica.counts)
            decisions["leased", default: 0] += counts.leased
            decisions["claimed", default: 0] += counts.claimed
            decisions["refused", default: 0] += counts.refused
            decisions["refused_locally", default: 0] += counts.refusedLocally
            decisions["unavailable", default: 0] += counts.unavailable
            records["claim", default: 0] += counts.claims
            records["probe", default: 0] += counts.probes
            records["strike", default: 0] += counts.strikes
            records["read", default: 0] += read.records
            troubles["late_verdict", default: 0] += counts.lateVerdicts
            troubles["given_up", default: 0] += counts.givenUp
            troubles["foreign_record", default: 0] += read.skipped
            troubles["disagreement", default: 0] += read.disagreements
            troubles["clock_jump", default: 0] += claimant.watch.jumps
        }
    }
}
