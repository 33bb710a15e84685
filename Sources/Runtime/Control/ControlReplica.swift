public import Access
public import Kafka
public import Lifecycle
import Primitives
import Synchronization
public import Telemetry

/// Keeps a ``ControlSnapshot`` of topic `control`: ready once the topic has been read to its end, and up to date from
/// then on, since it reads on.
public final class ControlReplica: Service {
    private static let batchMaximum = 1000
    private static let closeTimeout: Duration = .seconds(1)

    private struct State {
        var snapshot = ControlSnapshot()
        var waiting: String? = "not started"
        var reading: Task<Void, Never>?
        var reader: TopicReader?
        /// The offset to be reached in each partition before the replica is ready.
        var missing: [Int32: Int64] = [:]
    }

    /// What it needs of Kafka.
    public static let rights = AccessRight.reading([ControlSnapshot.topic])

    public let name = "control"
    private let properties: ClientProperties
    private let log: Log
    private let time: any Timekeeper
    private let records: Counter
    private let state = Mutex(State())
    private let caughtUp = Once<Void>()
    private let outage: Outage

    public init(_ properties: ClientProperties, metrics: Metrics, log: Log, time: any Timekeeper = SystemTime()) {
        // A change may take 2 s to hold everywhere; the embedded broker delays a record for as long as a fetch may
        // wait.
        self.properties = properties.replacing(["fetch.wait.max.ms": "250"])
        self.log = log
        self.time = time
        outage = Outage(of: "topic control", log: log)
        records = metrics.counter(
            "orderrelay_control_records_total", "Records of topic control that were read, by effect.",
            labels: [Label("effect", ["applied", "stale", "unknown", "malformed"])])
    }

    public var notReady: String? { state.withLock { $0.waiting }.map { outage.words ?? $0 } }

    /// The caller with the token of this id; nil if topic `control` has no such token.
    public func caller(_ tokenID: String) -> Caller? { state.withLock { $0.snapshot.caller(tokenID) } }
    /// The token with this id; nil if topic `control` has none.
    public func token(_ id: String) -> TokenRecord? { state.withLock { $0.snapshot.tokens[id] } }
    /// The account with this id; nil if it does not exist.
    public func account(_ id: String) -> AccountRecord? { state.withLock { $0.snapshot.accounts[id] } }
    /// The setting of a limit (32 hexadecimal digits); nil: the number in the token's record.
    public func limit(_ limitID: String) -> LimitSetting? { state.withLock { $0.snapshot.limits[limitID] } }
    /// The latest restriction of a limit, which may have expired; nil if it was never restricted.
    public func restriction(_ limitID: String) -> RestrictionRecord? {
        state.withLock { $0.snapshot.restrictions[limitID] }
    }

    public func start() async throws {
        let task = Task { await self.read() }
        state.withLock { $0.reading = task }
        await caughtUp.wait()
    }

    public func stop(by deadline: ContinuousClock.Instant) async {
        let (task, reader) = state.withLock { ($0.reading, $0.reader) }
        task?.cancel()
        await reader?.close(timeout: Self.closeTimeout)
        await task?.value
        caughtUp.open()
    }

    /// Reads until it is stopped; if reading fails, what is known stays known, and the topic is read again.
    private func read() async {
        try? await outage.persistently(time: time) { serves in
            let reader = try await TopicReader(properties, topic: ControlSnapshot.topic)
            begin(reader)
            serves()
            while let records = try await reader.next(maximum: Self.batchMaximum) { apply(records) }
        }
    }

    private func begin(_ reader: TopicReader) {
        let isEmpty = state.withLock { state in
            state.reader = reader
            state.missing = reader.endsAtOpening.filter { $0.value > 0 }
            if state.waiting != nil { state.waiting = state.missing.isEmpty ? nil : "reading topic control" }
            return state.missing.isEmpty
        }
        if isEmpty { caughtUp.open() }
    }

    private func apply(_ batch: [Record]) {
        let isReady = state.withLock { state in
            // An empty batch means that the end was reached, even if the log's last records are compacted away.
            if batch.isEmpty { state.missing = [:] }
            for record in batch {
                let key = String(decoding: record.key ?? [], as: UTF8.self)
                count(state.snapshot.apply(key: key, value: record.value), record)
                if let end = state.missing[record.source.partition], record.offset >= end - 1 {
                    state.missing[record.source.partition] = nil
                }
            }
            if state.missing.isEmpty { state.waiting = nil }
            return state.missing.isEmpty
        }
        if isReady { caughtUp.open() }
    }

    private func count(_ effect: ControlSnapshot.Effect, _ record: Record) {
        switch effect {
        case .applied: records.add(1, "applied")
        case .stale: records.add(1, "stale")
        case .unknown: records.add(1, "unknown")
        case .malformed(let why):
            records.add(1, "malformed")
            log.error(
                "a record of topic control cannot be decoded", ["at": "\(record.source)/\(record.offset)", "why": why])
        }
    }
}
