import Allocator
import Glibc

/// The benchmarks by name; each prints its own figures.
let benchmarks: [(name: String, summary: String, run: @Sendable ([String]) async throws -> Void)] = [
    (
        "orders-read", "one-KB orders read and checked, events encoded, per second on one core",
        { words in OrdersRead.run(words) }
    ),
    ("crm", "orders a second into a CRM that answers after 0, 5 and 50 ms, ledger and all; [ORDERS]", CRMBenchmark.run),
    ("telemetry", "what counting, recording and logging cost", { words in TelemetryBenchmark.run(words) }),
    (
        "delivery",
        "a hundred lanes; a retry storm with one destination down; orders taken in, delivered, counted \(DeliveryBenchmark.usage)",
        DeliveryBenchmark.run
    ),
    (
        "kafka-module", "the Kafka module beside the C library's own calls: BOOTSTRAP [RECORDS [ROUNDS [HEADERS]]]",
        KafkaModuleBenchmark.run
    ),
    ("ledger", "rows per second of the ledger \(LedgerBenchmark.usage)", LedgerBenchmark.run),
    (
        "audit", "the audit over millions of records, beside the bare consumer: \(AuditBenchmark.usage)",
        AuditBenchmark.run
    ),
    (
        "counting", "events counted exactly once beside their bare rows \(CountingBenchmark.usage)",
        CountingBenchmark.run
    ),
    (
        "fresh", "the first minute of a PostgreSQL that was never analysed \(FreshBenchmark.usage)", FreshBenchmark.run
    ),
    (
        "steady", "minutes at full rate, and a period pruned half-way: \(SteadyBenchmark.usage)", SteadyBenchmark.run
    ),
    (
        "backlog", "a small transaction beside twelve partitions that are behind \(LedgerBenchmark.usage)",
        LedgerBenchmark.runBacklog
    ),
    ("idle", "what idle workers cost PostgreSQL \(IdleBenchmark.usage)", IdleBenchmark.run),
    (
        "retention", "partitions on an order's way, and a prune beside it \(RetentionBenchmark.usage)",
        RetentionBenchmark.run
    ),
    (
        "postgresql", "the driver of PostgreSQL beside libpq's own calls \(PostgreSQLBenchmark.usage)",
        PostgreSQLBenchmark.run
    ),
    ("http-server", "our HTTP server beside a bare program [CONNECTIONS…]", { try HTTPServerBenchmark.run($0) }),
    ("http-ours", "the server that http-server measures", { try HTTPServers.runOurs(handedOver: !$0.isEmpty) }),
    (
        "http-bare", "the bare program beside it",
        { HTTPBareServer.run($0.isEmpty ? .nothing : .thread(AnswerThread())) }
    ),
    (
        "ingest-orders", "orders acknowledged by a real Kafka, beside a bare program: \(OrdersBenchmark.usage)",
        OrdersBenchmark.run
    ),
    ("ingest-ours", "the process that ingest-orders measures: BROKERS LINGER [limit]", OrdersServers.runOurs),
    ("ingest-bare", "the bare program beside it: BROKERS LINGER", { try OrdersServers.runBare($0) }),
    (
        "order-cost", "what checking, logging and metrics cost an order: \(OrderCost.usage)", OrderCost.run
    ),
    ("order-cost-server", "the bare program with our steps: BROKERS EXTENT", { OrderCost.serve($0) }),
    ("memory", "whether processes keep their size: \(MemoryBenchmark.usage)", MemoryBenchmark.run),
    ("load", "a closed loop of requests: \(LoadCommand.usage)", { LoadCommand.run($0) }),
    ("limit", "the rate limit's state machines: memory, decisions, replay; [LIMITS]", { RateLimitBenchmark.run($0) }),
    ("limit-kafka", "the rate limit on a real Kafka: BOOTSTRAP [SECONDS [LIMITERS [TASKS]]]", RateLimitOnKafka.run),
    (
        "limit-redis", "the rate limit beside Lua scripts in Redis: \(LimitComparison.usage)", LimitComparison.run
    ),
    (
        "whole", "orders from the topic to all receivers, a process each: \(WholeBenchmark.usage)", WholeBenchmark.run
    ),
    (
        "smtp", "messages per second to a local SMTP sink, confirmations rendered and sent; [MESSAGES]",
        SMTPBenchmark.run
    ),
]

// As the program does.
Allocator.startGivingBack()

let words = CommandLine.arguments.dropFirst()
guard let name = words.first, let benchmark = benchmarks.first(where: { $0.name == name }) else {
    print("usage: benchmarks NAME [ARGUMENTS]\n")
    for benchmark in benchmarks { print("  \(benchmark.name)\t\(benchmark.summary)") }
    exit(words.isEmpty ? 0 : 2)
}
try await benchmark.run(Array(words.dropFirst()))
