public import Assembly
import CommandLine
public import Configuration
import Control
import Kafka
import Lifecycle
import Limiter

extension IngestProcess {
    public static let listenSetting = Setting(
        "HTTP_LISTEN", default: "0.0.0.0:8080", "address of the API; port 0: any free one")
    static let threadsSetting = Setting(
        "HTTP_THREADS", "threads that serve the API, 1 to 64 (default: one per processor, at most 8)")
    static let schedulingSetting = Setting(
        "HTTP_SCHEDULING", default: "normal",
        "normal, or batch: less CPU per order on a dedicated machine, slower answers beside busy neighbours"
    )

    static let drainSetting = Setting(
        "HTTP_DRAIN_SECONDS", default: "0",
        "how long the API keeps serving after SIGTERM while /readyz answers 503: as long as a load balancer takes to notice"
    )

    /// `ingest` serves once the topics `control` and `ratelimit` have been read to their ends, and `orders` exists. On an
    /// order's way it reads the ledger, and writes only to Kafka; what it writes to the ledger are replays.
    public static let declaration = ProcessDeclaration(
        Command("ingest", "the HTTP API: publishes each order to Kafka before it answers"),
        settings: [listenSetting, threadsSetting, schedulingSetting, TrustedProxies.setting, drainSetting],
        ledger: .reads, rights: ControlReplica.rights + Limiter.rights + OrdersTopic.rights, isPartOfDev: true,
        scheduling: { environment in
            try environment.value(schedulingSetting, expected: "batch or normal") { Scheduling(rawValue: $0) }!
        },
        drain: { environment in
            try environment.value(drainSetting, expected: "a number of seconds from 0 to 300") {
                Int($0).flatMap { 0...300 ~= $0 ? Duration.seconds($0) : nil }
            }!
        },
        services: { surroundings in
            let (metrics, log) = (surroundings.metrics, surroundings.log)
            let control = ControlReplica(surroundings.kafka, metrics: metrics, log: log)
            let limiter = Limiter(
                .of(surroundings.kafka, control, isEmbedded: surroundings.isEmbedded), metrics: metrics, log: log)
            let producer = try Producer(surroundings.kafka.logged(in: log))
            let ingest = IngestProcess(
                IngestProcess.Parts(
                    listen: try surroundings.environment.required(listenSetting),
                    threads: try threads(surroundings.environment), control: control, producer: producer,
                    ledger: surroundings.ledger, gate: limiter,
                    trustedProxies: try TrustedProxies(surroundings.environment), metrics: metrics, log: log,
                    tracer: surroundings.tracer))
            return [[control, limiter, OrdersTopic(producer, log: log)], [ingest]]
        })

    private static func threads(_ environment: Environment) throws(ConfigurationError) -> Int {
        let given = try environment.value(threadsSetting, expected: "a number from 1 to 64") { text in
            Int(text).flatMap { 1...64 ~= $0 ? $0 : nil }
        }
        return given ?? usualThreads
    }
}
