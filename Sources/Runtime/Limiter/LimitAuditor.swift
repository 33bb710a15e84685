public import Kafka
public import Lifecycle
import Primitives
import RateLimit
import Synchronization
public import Telemetry

/// Recounts the rate limit from its topic continuously, with an ``Auditor``, and exports excess admissions as
/// `orderrelay_ratelimit_overadmission_total`, which must stay 0.
///
/// It starts at the topic's beginning, so what went wrong within the last hour while it was not running is found, too.
public final class LimitAuditor: Service {
    private enum Phase {
        case waiting
        case reading(TopicReader)
        case stopped
    }

    private struct State {
        var phase = Phase.waiting
        var hasCaughtUp = false
        var run: Task<Void, Never>?
    }

    /// Judging costs a count over the last minutes for every busy limit.
    private static let pace = Duration.seconds(1)
    /// While it catches up with an hour of the log, it judges and drops records as they come.
    private static let unjudgedMaximum = 200_000

    /// What it needs of Kafka.
    public static let rights = AccessRight.reading([LimiterSettings.topic])

    public let name = "auditor"
    private let properties: ClientProperties
    private let log: Log
    private let overAdmissions: Counter
    private let admissions: Counter
    private let records: Counter
    private let state = Mutex(State())
    private let ready = Once<Void>()
    private let outage: Outage

    public init(_ properties: ClientProperties, metrics: Metrics, log: Log) {
        self.properties = properties
        self.log = log
        outage = Outage(of: "topic ratelimit", log: log)
        overAdmissions = metrics.counter(
            "orderrelay_ratelimit_overadmission_total",
            "Requests admitted that no limit allowed, by the auditor: must stay 0.")
        admissions = metrics.counter(
            "orderrelay_ratelimit_audited_admissions_total", "Admissions that the auditor has recounted.")
        records = metrics.counter(
            "orderrelay_ratelimit_audited_records_total",
            "Records of topic ratelimit that the auditor has read, and those that it could not decode.",
            labels: [Label("kind", ["read", "unreadable"])])
    }

    public var notReady: String? {
        state.withLock { state in
            switch state.phase {
            case .waiting: outage.words ?? "not started"
            case .stopped: "stopped"
            case .reading: state.hasCaughtUp ? nil : "reading topic ratelimit"
            }
        }
    }

    /// Returns once the topic has been read to the end that it had at the start.
    public func start() async throws {
        let run = Task { await self.run() }
        state.withLock { $0.run = run }
        await ready.wait()
    }

    public func stop(by deadline: ContinuousClock.Instant) async {
        let (run, reader) = state.withLock { state in
            defer { state.phase = .stopped }
            let reader: TopicReader? = if case .reading(let reader) = state.phase { reader } else { nil }
            return (state.run, reader)
        }
        run?.cancel()
        await reader?.close(timeout: min(.seconds(1), max(.zero, deadline - .now)))
        await run?.value
        ready.open()
    }

    /// If reading fails, the topic is recounted from its beginning. What is found again is counted again: that is
    /// better than missing what came in the meantime.
    private func run() async {
        try? await outage.persistently { serves in
            let reader = try await TopicReader(properties, topic: LimiterSettings.topic)
            guard begin(reader) else { return await reader.close(timeout: .seconds(1)) }
            serves()
            defer { broke() }
            try await recount(reader)
        }
    }

    private func recount(_ reader: TopicReader) async throws {
        var auditor = Auditor()
        var judgedAt = ContinuousClock.now
        var unjudged = 0
        while let batch = try await reader.next(maximum: 4_096) {
            let before = (admissions: auditor.admissions, unreadable: auditor.unreadable)
            for record in batch {
                guard record.isTimestampFromBroker, let timestamp = record.timestamp else {
                    throw LimiterError.producerTime(record)
                }
                auditor.read(record.value, partition: record.source.partition, timestamp: timestamp)
            }
            admissions.add(auditor.admissions - before.admissions)
            records.add(batch.count, "read")
            records.add(auditor.unreadable - before.unreadable, "unreadable")
            // An empty batch means that the end was reached.
            unjudged += batch.count
            guard batch.isEmpty || unjudged >= Self.unjudgedMaximum || .now >= judgedAt + Self.pace else { continue }
            (judgedAt, unjudged) = (.now, 0)
            for (id, count) in auditor.judge() { complain(of: id, count) }
            if batch.isEmpty { caughtUp() }
        }
    }

    private func complain(of id: LimitID, _ count: Int) {
        overAdmissions.add(count)
        log.error("requests were admitted that the limit did not allow", ["limit": "\(id)", "count": "\(count)"])
    }

    private func caughtUp() {
        state.withLock { $0.hasCaughtUp = true }
        ready.open()
    }

    private func begin(_ reader: TopicReader) -> Bool {
        state.withLock { state in
            if case .stopped = state.phase { return false }
            state.phase = .reading(reader)
            return true
        }
    }

    private func broke() {
        state.withLock { state in
            if case .stopped = state.phase { return }
            state.phase = .waiting
        }
    }
}
