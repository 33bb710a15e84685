import Kafka
import Ledger
import Lifecycle
import Telemetry

/// Whether the same call may succeed later: one rule for intake and delivery.
public func mayPass(_ error: any Error) -> Bool {
    switch error {
    case let error as LedgerError: error.isRetriable
    case let error as KafkaError: error.isRetriable
    default: false
    }
}

/// What distinguishes one reason of an outage from another, since an error's words may change with every attempt; nil:
/// its words do.
public func outageReason(of error: any Error) -> String? {
    switch error {
    case let error as LedgerError: "ledger: \(error.code)"
    case let error as KafkaError: "Kafka: \(error.code)"
    default: nil
    }
}

extension WorkerContext {
    /// Tries until it succeeds; an outage of the ledger is logged as such.
    ///
    /// - Parameter place: for the log, as `orders/3`.
    func persistently<Result>(
        _ place: String, policy: RetryPolicy, mayPass: (any Error) -> Bool, _ work: () async throws -> Result
    ) async throws -> Result {
        try await Outage(of: "what the intake of \(place) needs", log: log).persistently(
            policy: policy, time: time, random: random, reason: outageReason(of:),
            owner: { ($0 as? LedgerError)?.isRetriable == true ? ledgerOutage : nil }, mayPass: mayPass
        ) { _ in try await work() }
    }
}
