import Configuration
import Crypto
import Foundation
import Kafka
import Support
import Testing

@testable import Door

/// Variables that others set, and that stand where ours do.
@Suite("Other people's variables")
struct EnvironmentTests {
    private func check(_ names: [String]) throws -> [String] {
        try Base.check(Environment(Dictionary(uniqueKeysWithValues: names.map { ($0, "x") })))
    }

    @Test("what Kubernetes sets for a service that is called as one of our prefixes stops no start, and is logged")
    func serviceLinks() throws {
        let prefixes = Set(Processes.settings.map { String($0.name.prefix { $0 != "_" }) })
        #expect(prefixes.isSuperset(of: ["KAFKA", "SMTP", "DATABASE", "HTTP"]))
        for prefix in prefixes {
            let names = [
                "PORT", "HOST", "SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT_9092_TCP",
                "PORT_9092_TCP_ADDR", "PORT_9092_TCP_PORT", "PORT_9092_TCP_PROTO", "PORT_25_TCP_ADDR",
            ].map { "\(prefix)_\($0)" }
            #expect(try check(names) == names.sorted())
        }
    }

    @Test("what OpenTelemetry's libraries read in other programs stops no start either")
    func openTelemetry() throws {
        // https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and …/protocol/exporter/
        let general = [
            "SDK_DISABLED", "ENTITIES", "RESOURCE_ATTRIBUTES", "LOG_LEVEL", "PROPAGATORS", "TRACES_SAMPLER",
            "CONFIG_FILE",
            "BSP_SCHEDULE_DELAY", "BSP_EXPORT_TIMEOUT", "BSP_MAX_QUEUE_SIZE", "BSP_MAX_EXPORT_BATCH_SIZE",
            "BLRP_SCHEDULE_DELAY", "BLRP_EXPORT_TIMEOUT", "BLRP_MAX_QUEUE_SIZE", "BLRP_MAX_EXPORT_BATCH_SIZE",
            "ATTRIBUTE_VALUE_LENGTH_LIMIT", "ATTRIBUTE_COUNT_LIMIT", "SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
            "SPAN_ATTRIBUTE_COUNT_LIMIT", "SPAN_EVENT_COUNT_LIMIT", "SPAN_LINK_COUNT_LIMIT",
            "EVENT_ATTRIBUTE_COUNT_LIMIT", "LINK_ATTRIBUTE_COUNT_LIMIT", "LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
            "LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "EXPORTER_ZIPKIN_ENDPOINT", "EXPORTER_ZIPKIN_TIMEOUT",
            "EXPORTER_PROMETHEUS_HOST", "EXPORTER_PROMETHEUS_PORT", "TRACES_EXPORTER", "METRICS_EXPORTER",
            "LOGS_EXPORTER", "METRICS_EXEMPLAR_FILTER", "METRIC_EXPORT_INTERVAL", "METRIC_EXPORT_TIMEOUT",
            "SEMCONV_STABILITY_OPT_IN",
        ]
        let exporters = ["", "TRACES_", "METRICS_", "LOGS_"].flatMap { signal in
            [
                "ENDPOINT", "INSECURE", "CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE", "HEADERS", "COMPRESSION",
                "TIMEOUT", "PROTOCOL",
            ].map { "EXPORTER_OTLP_\(signal)\($0)" }
        }
        let ours = Set(Processes.settings.map(\.name))
        let names = (general + exporters).map { "OTEL_" + $0 }.filter { !ours.contains($0) }
        #expect(names.count == general.count + exporters.count - 3)
        #expect(try check(names) == names.sorted())
    }

    @Test("what Kafka's own scripts read stops no start either")
    func scripts() throws {
        let names = [
            "KAFKA_HOME", "KAFKA_OPTS", "KAFKA_HEAP_OPTS", "KAFKA_JMX_OPTS", "KAFKA_JMX_PORT", "KAFKA_LOG4J_OPTS",
            "KAFKA_LOG_DIR", "KAFKA_VERSION", "KAFKA_GC_LOG_OPTS", "KAFKA_BROKER_ID", "KAFKA_LISTENERS",
            "KAFKA_KEYSTORE_FILE",
        ]
        #expect(try check(names) == names.sorted())
        #expect(
            try Base.kafka(Environment(Dictionary(uniqueKeysWithValues: names.map { ($0, "x") }))).values.count == 1)
    }

    @Test("properties of the library are read, and a name that is nearly one is refused with a suggestion")
    func properties() throws {
        #expect(ClientProperties.known.count > 100)
        let given = Environment(["KAFKA_SASL_USERNAME": "u", "KAFKA_REQUEST_TIMEOUT_MS": "1000"])
        #expect(try Base.check(given).isEmpty)
        let kafka = try Base.kafka(given)
        #expect(kafka.values["sasl.username"] == "u" && kafka.values["request.timeout.ms"] == "1000")
        for (name, meant) in [
            ("KAFKA_SASL_USERNAM", "KAFKA_SASL_USERNAME"), ("KAFKA_BOOTSTRAP_SERVER", "KAFKA_BOOTSTRAP_SERVERS"),
            ("KAFKA_SECURITY_PROTOCOLL", "KAFKA_SECURITY_PROTOCOL"), ("SMTP_URI", "SMTP_URL"),
        ] {
            let error = #expect(throws: ConfigurationError.self) { try check([name]) }
            #expect(error?.message == "unknown setting \(name); did you mean \(meant)?")
        }
    }
}

/// The keys that seal connections' secrets.
@Suite("SECRETS_KEY and SECRETS_KEY_OLD")
struct SealingKeysTests {
    private static let (new, old) = (String(repeating: "1e", count: 32), String(repeating: "0f", count: 32))

    @Test("one seals, the other one opens only; each also as a file")
    func keys() throws {
        #expect(try Base.sealingKeys(Environment([:])).map(\.present.id) == nil)
        let one = try #require(try Base.sealingKeys(Environment(["SECRETS_KEY": Self.old])))
        #expect(one.older == nil)
        let folder = try TemporaryFolder()
        try (Self.old + "\n").write(toFile: folder.file("old"), atomically: true, encoding: .utf8)
        let both = try #require(
            try Base.sealingKeys(
                Environment(["SECRETS_KEY": Self.new, "SECRETS_KEY_OLD_FILE": folder.file("old")])))
        #expect(both.older?.id == one.present.id && both.present.id != one.present.id)
        #expect(try Base.check(Environment(["SECRETS_KEY": "x", "SECRETS_KEY_OLD": "x"])).isEmpty)
    }

    @Test("the old key alone, and a value that is not a key, are refused without being shown")
    func refused() {
        for (values, words) in [
            (["SECRETS_KEY_OLD": Self.old], "SECRETS_KEY_OLD is set without SECRETS_KEY"),
            (["SECRETS_KEY": Self.new, "SECRETS_KEY_OLD": "hunter2"], "SECRETS_KEY_OLD is \"***\"; expected 64"),
        ] {
            let error = #expect(throws: ConfigurationError.self) { try Base.sealingKeys(Environment(values)) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }
}
