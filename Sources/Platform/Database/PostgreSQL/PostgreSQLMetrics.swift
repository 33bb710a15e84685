import Synchronization
import Telemetry

/// What is measured of the connections to PostgreSQL, for each of the lines in which jobs wait. Read from the pools before
/// each rendering.
final class PostgreSQLMetrics: Sendable {
    private let connections: Gauge
    private let wanted: Gauge
    private let inUse: Gauge
    private let inClear: Gauge
    private let waiting: Gauge
    private let longestWait: Gauge
    private let lost: Counter
    private let failures: Counter
    private let unknownOutcomes: Counter

    private init(_ metrics: Metrics) {
        let line = [Label("line", Line.allCases.map(\.name))]
        connections = metrics.gauge(
            "orderrelay_database_connections", "Connections to PostgreSQL that are there.", labels: line)
        wanted = metrics.gauge(
            "orderrelay_database_connections_wanted", "Connections to PostgreSQL that there is something to do for.",
            labels: line)
        inUse = metrics.gauge(
            "orderrelay_database_connections_in_use", "Connections to PostgreSQL that do something now.", labels: line)
        inClear = metrics.gauge(
            "orderrelay_database_connections_in_clear", "Connections to PostgreSQL that leave the machine without TLS.",
            labels: line)
        waiting = metrics.gauge(
            "orderrelay_database_waiting_jobs", "Transactions and reads that wait for a connection.", labels: line)
        longestWait = metrics.gauge(
            "orderrelay_database_longest_wait_seconds",
            "How long a transaction or read has waited for a connection at most, in this minute and the one before.",
            labels: line)
        lost = metrics.counter(
            "orderrelay_database_connections_lost_total", "Connections that were lost and have to be made again.",
            labels: line)
        failures = metrics.counter(
            "orderrelay_database_connection_failures_total", "Connections that could not be made.", labels: line)
        unknownOutcomes = metrics.counter(
            "orderrelay_database_unknown_outcomes_total",
            "Transactions that were lost while they were committed: whether they hold had to be asked.",
            labels: line)
    }

    /// How long a connection takes for what it is given, from sending it to the answer: a transaction, or the reads that
    /// waited together.
    static func statementSeconds(in metrics: Metrics) -> Histogram {
        let seconds = metrics.histogram(
            "orderrelay_database_statement_seconds",
            "How long PostgreSQL took for a transaction, or for the reads that were sent together.",
            labels: [Label("line", Line.allCases.map(\.name))])
        return seconds
    }

    /// Shows a pool for as long as it is there.
    static func show(_ pool: PostgreSQLPool, in metrics: Metrics) {
        let shown = PostgreSQLMetrics(metrics)
        for line in Line.allCases {
            let name = line.name
            let last = Mutex(LineCounts())
            let show: @Sendable (LineFigures) -> Void = { figures in
                let before = last.withLock { last in
                    defer { last = figures.counts }
                    return last
                }
                shown.set(figures, since: before, as: name)
            }
            metrics.beforeRendering { [weak pool] in
                // What is closed has no connections, and nothing waits for it.
                show(pool?.figures(of: line) ?? LineFigures())
            }
        }
    }

    private func set(_ figures: LineFigures, since before: LineCounts, as name: String) {
        connections.set(Double(figures.open), name)
        wanted.set(Double(figures.wanted), name)
        inUse.set(Double(figures.inUse), name)
        inClear.set(Double(figures.inClear), name)
        waiting.set(Double(figures.waiting), name)
        longestWait.set(Double(figures.longestWaitMilliseconds) / 1000, name)
        lost.add(max(0, figures.counts.lost - before.lost), name)
        failures.add(max(0, figures.counts.failed - before.failed), name)
        unknownOutcomes.add(max(0, figures.counts.unknownOutcomes - before.unknownOutcomes), name)
    }
}
