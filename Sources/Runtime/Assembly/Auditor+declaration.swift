import CommandLine
import Limiter

extension ProcessDeclaration {
    /// `auditor` recounts the rate limit all the time. It needs no ledger, and is not involved in requests; `dev` runs
    /// without it, since the embedded broker does not stamp records, and the recount depends on their times.
    public static let auditor = ProcessDeclaration(
        Command(
            "auditor", "recounts the rate limit from its topic, continuously, and exports excess admissions as a metric"
        ),
        ledger: .none, isPartOfDev: false,
        services: { surroundings in
            [[LimitAuditor(surroundings.kafka, metrics: surroundings.metrics, log: surroundings.log)]]
        })
}
