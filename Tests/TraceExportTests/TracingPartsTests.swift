import Configuration
import Telemetry
import Testing
import Tracing

@testable import TraceExport

@Suite("Settings of traces") struct TracingPartsTests {
    private func parts(_ variables: [String: String]) throws(ConfigurationError) -> TracingParts? {
        try TracingParts(
            Environment(variables), as: TracedService(name: "ingest", version: "1", instance: "i"), metrics: Metrics(),
            log: Log(process: "test") { _ in })
    }

    @Test("without an endpoint there is nothing, and no metric of it")
    func off() throws {
        let metrics = Metrics()
        let parts = try TracingParts(
            Environment(["OTEL_TRACES_SAMPLER_ARG": "0.5"]),
            as: TracedService(name: "ingest", version: "1", instance: "i"), metrics: metrics,
            log: Log(process: "test") { _ in })
        #expect(parts == nil && metrics.families.isEmpty)
    }

    @Test("the general endpoint gets the path of traces, the own one is used as it is and goes first")
    func endpoints() throws {
        func url(_ variables: [String: String]) throws -> String? { try TracingParts.url(Environment(variables)) }
        let (general, own) = (TracingParts.endpoint.name, TracingParts.tracesEndpoint.name)
        #expect(try url([general: "http://c:4318"]) == "http://c:4318/v1/traces")
        #expect(try url([general: "https://c/otlp/"]) == "https://c/otlp/v1/traces")
        #expect(try url([own: "http://c:4318/x"]) == "http://c:4318/x")
        #expect(try url([general: "http://c:4318", own: "http://d/t"]) == "http://d/t")
    }

    @Test("header fields are pairs, with percent-encoded values")
    func headers() throws {
        let fields = try #require(TracingParts.fields("authorization=Basic%20YQ==, x-tenant = shop "))
        #expect(fields.map(\.name) == ["authorization", "x-tenant"])
        #expect(fields.map(\.value) == ["Basic YQ==", "shop"])
        for wrong in ["authorization", "=x", "a b=c", "a=%zz", "a=%0d%0ab: c", "content-type=text/plain", "a="] {
            #expect(TracingParts.fields(wrong) == nil, "\(wrong)")
        }
    }

    @Test("what is invalid prevents the start and says what is valid; the fields, which are secret, are not shown")
    func invalid() throws {
        for (variables, words) in [
            (["OTEL_TRACES_SAMPLER_ARG": "2"], "OTEL_TRACES_SAMPLER_ARG is \"2\"; expected a number from 0 to 1"),
            (["OTEL_TRACES_SAMPLER_ARG": "nan"], "expected a number from 0 to 1"),
            (["TRACES_PER_SECOND": "0"], "TRACES_PER_SECOND is \"0\"; expected a number from 1 to 100000"),
            (["OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"], "expected an address as http://collector:4318"),
            (
                ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://"],
                "expected an address as http://collector:4318/v1/traces"
            ),
            (["OTEL_EXPORTER_OTLP_HEADERS": "hunter2"], "OTEL_EXPORTER_OTLP_HEADERS is \"***\"; expected name=value"),
        ] {
            let error = #expect(throws: ConfigurationError.self) { try parts(variables) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        #expect(try parts(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"]) != nil)
    }
}
