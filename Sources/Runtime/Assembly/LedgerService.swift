import Intake
public import Ledger
public import Lifecycle
public import Telemetry

/// Opens the ledger of a long-running process: waits, and logs that, while another program has it locked or the file
/// system is full; closes it after all its users have stopped.
public final class LedgerService: Service {
    public let name = "ledger"
    private let ledger: Ledger
    private let time: SteadyTime
    private let outage: Outage

    public init(_ ledger: Ledger, time: SteadyTime, log: Log) {
        self.ledger = ledger
        self.time = time
        outage = Outage(of: "the ledger", log: log)
    }

    /// An open ledger may still wait for its schema.
    public var notReady: String? { outage.words ?? (ledger.isOpen ? nil : "not opened yet") }

    public func start() async throws {
        try await outage.persistently(reason: outageReason(of:), mayPass: mayPass) { _ in
            try await Self.open(ledger, following: time)
        }
    }

    /// Opens it, brings its schema up to date, and makes `time` follow the times in it.
    ///
    /// - Throws: ``LedgerError`` if it cannot be opened or migrated; see ``LedgerError/isRetriable``.
    public static func open(_ ledger: Ledger, following time: SteadyTime) async throws(LedgerError) {
        try await ledger.open()
        try await ledger.migrate()
        if let beat = try await ledger.lastBeat() { time.follow(beat) }
    }

    public func stop(by deadline: ContinuousClock.Instant) async { await ledger.close() }
}
