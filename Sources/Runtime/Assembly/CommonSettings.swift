import Canary
public import Configuration
import Lifecycle
import TraceExport

/// The settings that every process has. Settings of a single process are in its declaration.
public enum CommonSettings {
    public static let bootstrapServers = Setting(
        "KAFKA_BOOTSTRAP_SERVERS", default: "127.0.0.1:9092",
        "brokers; any property of librdkafka can be set the same way: KAFKA_SASL_USERNAME is sasl.username")
    public static let databaseURL = Setting(
        "DATABASE_URL", default: "sqlite:orderrelay.db", "where the ledger is kept")
    public static let databasePassword = Setting(
        "DATABASE_PASSWORD", isSecret: true,
        "password of the user in DATABASE_URL, if that has none: postgresql://user@host/database")
    public static let databaseConnections = Setting(
        "DATABASE_CONNECTIONS", default: "4",
        "connections to PostgreSQL that a process may have, 3 to 100: a quarter for reading, the rest for transactions")
    public static let databasePooler = Setting(
        "DATABASE_POOLER", "transaction, where PostgreSQL is reached through pgbouncer in its mode transaction")
    public static let secretsKey = Setting(
        "SECRETS_KEY", isSecret: true, "32 bytes as 64 hexadecimal digits: encrypts the stored secrets of connections")
    public static let oldSecretsKey = Setting(
        "SECRETS_KEY_OLD", isSecret: true,
        "the SECRETS_KEY of before, which opens only, until `orderrelay secrets rotate` has sealed all with the present one"
    )
    public static let logLevel = Setting("LOG_LEVEL", default: "info", "debug, info, warning or error")
    public static let killAt = Setting(
        "ORDERRELAY_KILL_AT", "test hook: NAME:COUNT makes the process kill itself at a named place")

    public static let all =
        [
            bootstrapServers, databaseURL, databasePassword, databaseConnections, databasePooler, AdminServer.listen,
            secretsKey, oldSecretsKey, Canary.accountSetting, logLevel, killAt,
        ] + TracingParts.settings
}
