public import Configuration
import HTTP
public import Telemetry
public import Tracing

/// Tracing as the environment asks for it: the tracer that a process's parts record with, and the exporter beside them.
///
/// `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME`,
/// `OTEL_TRACES_SAMPLER_ARG`, `TRACES_PER_SECOND`.
public struct TracingParts: Sendable {
    public static let endpoint = Setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "where traces are exported to by OTLP over HTTP, as http://collector:4318; without an endpoint nothing is recorded"
    )
    public static let tracesEndpoint = Setting(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "the same with its path, as http://collector:4318/v1/traces; it goes before OTEL_EXPORTER_OTLP_ENDPOINT")
    public static let headers = Setting(
        "OTEL_EXPORTER_OTLP_HEADERS", isSecret: true,
        "header fields of each export, as name=value,name=value, values percent-encoded: credentials")
    public static let serviceName = Setting(
        "OTEL_SERVICE_NAME", "service.name in traces (default: the command that the process was started with)")
    public static let samplerRatio = Setting(
        "OTEL_TRACES_SAMPLER_ARG", default: "1.0",
        "share of the requests without a traceparent that are traced, 0 to 1; those with one follow its flag")
    public static let perSecond = Setting(
        "TRACES_PER_SECOND", default: "100", "how many requests an ingest process traces a second at most, 1 to 100000")

    public static let settings = [endpoint, tracesEndpoint, headers, serviceName, samplerRatio, perSecond]

    public let tracer: Tracer
    public let exporter: SpanExporter

    /// nil where no endpoint is set.
    ///
    /// - Parameters:
    ///   - service: its name holds unless ``serviceName`` is set.
    /// - Throws: `ConfigurationError` if a setting is invalid, whether or not there is an endpoint.
    public init?(
        _ environment: Environment, as service: TracedService, metrics: Metrics, log: Log
    ) throws(ConfigurationError) {
        let ratio = try environment.value(Self.samplerRatio, expected: "a number from 0 to 1") {
            Double($0).flatMap { (0...1).contains($0) ? $0 : nil }
        }!
        let perSecond = try environment.value(Self.perSecond, expected: "a number from 1 to 100000") {
            Int($0).flatMap { 1...100_000 ~= $0 ? $0 : nil }
        }!
        let fields = try environment.value(
            Self.headers, expected: "name=value pairs separated by commas, values percent-encoded"
        ) { Self.fields($0) }
        guard let url = try Self.url(environment) else { return nil }
        var service = service
        if let name = try environment.text(Self.serviceName) { service.name = name }
        let tracing = TracingMetrics(metrics)
        let buffer = SpanBuffer(tracing)
        tracer = Tracer(Sampler(ratio: ratio, perSecond: perSecond), buffer)
        exporter = SpanExporter(
            buffer, to: SpanExporter.Target(url: url, fields: fields ?? []), as: service, metrics: tracing, log: log)
    }

    /// The address that spans are sent to; nil: no endpoint is set. The general endpoint gets the path of traces appended
    /// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
    static func url(_ environment: Environment) throws(ConfigurationError) -> String? {
        func address(_ setting: Setting, _ expected: String) throws(ConfigurationError) -> String? {
            try environment.value(setting, expected: expected) { text in
                ["http://", "https://"].contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count } ? text : nil
            }
        }
        if let whole = try address(tracesEndpoint, "an address as http://collector:4318/v1/traces") { return whole }
        let base = try address(endpoint, "an address as http://collector:4318, the port of OTLP over HTTP")
        return base.map { ($0.hasSuffix("/") ? String($0.dropLast()) : $0) + "/v1/traces" }
    }

    /// nil if one of them is not a field, or its name is one that the exporter sets.
    static func fields(_ text: String) -> [(name: String, value: String)]? {
        var fields: [(name: String, value: String)] = []
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = trimmed(parts[0]), isFieldName(name), let rest = trimmed(parts[1]),
                let value = PercentEncoding.decode(rest.utf8), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
            else { return nil }
            fields.append((name, value))
        }
        return fields
    }

    private static func trimmed(_ text: Substring) -> String? {
        guard let first = text.firstIndex(where: { $0 != " " }), let last = text.lastIndex(where: { $0 != " " })
        else { return nil }
        return String(text[first...last])
    }

    /// Of letters, digits, `-` and `_`: more than names of fields need.
    private static func isFieldName(_ name: String) -> Bool {
        name.lowercased() != "content-type"
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
