import Configuration
import Confirmations
import Ingest
import Sandbox

/// Every environment variable that the program reads (DESIGN §12). What one process alone reads stands with that process.
enum Settings {
    static let bootstrapServers = Setting(
        "KAFKA_BOOTSTRAP_SERVERS", default: "127.0.0.1:9092",
        "brokers; any property of librdkafka likewise: KAFKA_SASL_USERNAME is sasl.username")
    static let databaseURL = Setting("DATABASE_URL", default: "sqlite:orderrelay.db", "where the ledger is kept")
    static let httpListen = Setting("HTTP_LISTEN", default: "0.0.0.0:8080", "address of the API; port 0: any free one")
    static let httpThreads = Setting(
        "HTTP_THREADS", "threads that serve the API, 1 to 64 (default: one for each processor, at most 8)")
    static let adminListen = Setting(
        "ADMIN_LISTEN", default: "0.0.0.0:9100", "address of /metrics, /healthz and /readyz; port 0: any free one")
    static let secretsKey = Setting(
        "SECRETS_KEY", isSecret: true, "32 bytes as 64 hexadecimal digits: seals what is stored of connections")
    static let logLevel = Setting("LOG_LEVEL", default: "info", "debug, info, warning or error")

    static let killAt = Setting(
        "ORDERRELAY_KILL_AT", "test hook: NAME:COUNT lets the process kill itself at a named place")

    static let all =
        [
            bootstrapServers, databaseURL, httpListen, httpThreads, TrustedProxies.setting, adminListen, secretsKey,
            logLevel,
        ]
        + ConfirmationsSettings.all + SandboxSettings.variables + [killAt]

    /// Names that begin like this are ours: one that is near a known one is refused, another one is logged once.
    static let prefixes = ["HTTP_", "ADMIN_", "DATABASE_", "SMTP_", "MAIL_", "SECRETS_", "SANDBOX_", "ORDERRELAY_"]
}
