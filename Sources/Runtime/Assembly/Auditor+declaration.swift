import Books
import Canary
import CommandLine
import Configuration
public import Intake
import Limiter

extension ProcessDeclaration {
    static let booksIntervalSetting = Setting(
        "BOOKS_INTERVAL_SECONDS", default: "15",
        "how often the auditor reads the workers' positions for its metrics, in seconds")

    /// `auditor` recounts the rate limit all the time, and shows from outside how far the workers are. It is not involved in
    /// requests, and recounts the limit also while the ledger is away. `dev` runs without it, since the embedded broker
    /// does not stamp records, and the recount depends on their times.
    ///
    /// - Parameter workers: those that it watches.
    public static func auditor(of workers: [WorkerDeclaration]) -> ProcessDeclaration {
        ProcessDeclaration(
            Command(
                "auditor",
                "recounts the rate limit from its topic, and exports that and the workers' positions and rows as metrics"
            ),
            settings: [booksIntervalSetting, CanaryPoster.urlSetting, CanaryPoster.tokenSetting], ledger: .watches,
            rights: LimitAuditor.rights + BooksWatch.rights(watching: workers), isPartOfDev: false,
            services: { surroundings in
                let (metrics, log) = (surroundings.metrics, surroundings.log)
                let interval = try surroundings.environment.value(
                    booksIntervalSetting, expected: "a number of seconds from 1 to 3600"
                ) { Int($0).flatMap { 1...3600 ~= $0 ? Duration.seconds($0) : nil } }!
                let canary = try CanaryPoster(
                    surroundings.environment, surroundings.ledger, owner: surroundings.processID, metrics: metrics,
                    log: log)
                return [
                    [
                        LimitAuditor(surroundings.kafka, metrics: metrics, log: log),
                        BooksWatch(
                            surroundings.ledger, surroundings.kafka.logged(in: log), workers: workers, every: interval,
                            owner: surroundings.processID, cluster: surroundings.cluster, metrics: metrics, log: log,
                            time: surroundings.time),
                    ] + [canary].compactMap(\.self)
                ]
            })
    }
}
