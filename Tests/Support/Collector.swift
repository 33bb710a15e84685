package import Foundation

/// A span as a collector has it.
package struct CollectedSpan: Sendable {
    /// `service.name` of the process that exported it.
    package var service = ""
    package var trace = ""
    /// Empty: it is a root.
    package var parent = ""
    package var id = ""
    package var name = ""
    /// `Server`, `Client`, `Producer`, `Consumer`, `Internal`.
    package var kind = ""
    package var isFailed = false
    /// By name, with the type: `Str(orders)`, `Int(201)`.
    package var attributes: [String: String] = [:]
}

/// A real OpenTelemetry collector, which shows what it is given.
///
/// Found as real Kafka is, through `ORDERRELAY_SHARED`. Where it is missing the tests that need it are skipped, loudly; under
/// `ORDERRELAY_CI=1` that is a failure unless `ALLOW_SKIP=1`.
package final class Collector: Sendable {
    /// Whether one can be started here; says so once where none can.
    package static let isHere: Bool = {
        if FileManager.default.isExecutableFile(atPath: program.path) { return true }
        print("SKIPPED: no otelcol at \(program.path): set ORDERRELAY_SHARED to the folder that holds tools/")
        let environment = ProcessInfo.processInfo.environment
        precondition(
            environment["ORDERRELAY_CI"] == nil || environment["ALLOW_SKIP"] == "1",
            "tests of traces must not be skipped here; ALLOW_SKIP=1 permits it")
        return false
    }()

    private static let program = sharedFolder.appending(path: "tools/otelcol")

    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    package let endpoint: String
    private let output: URL
    /// Closed by the system when this process ends, which ends the collector.
    private let lifeline: Int32

    /// - Parameters:
    ///   - folder: for its configuration and its output.
    ///   - showing: whether it shows each span; else only how many came.
    package init(in folder: URL, showing: Bool = true) async throws {
        let port = FreePorts.take(1)[0]
        endpoint = "http://127.0.0.1:\(port)"
        output = folder.appending(path: "otelcol-\(port).out")
        let configuration = folder.appending(path: "otelcol-\(port).yaml")
        let text = """
            receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:\(port)"}}}}
            exporters: {debug: {verbosity: \(showing ? "detailed" : "basic"), use_internal_logger: false}}
            service:
              telemetry: {metrics: {level: none}}
              pipelines: {traces: {receivers: [otlp], exporters: [debug]}}
            """
        try Data(text.utf8).write(to: configuration)
        lifeline = try startKeeperProcess(
            "kill -KILL $!",
            beginning: "'\(Self.program.path)' --config '\(configuration.path)' </dev/null >'\(output.path)' &")
        let probe = "exec 3<>/dev/tcp/127.0.0.1/\(port)"
        try await eventually("the collector serves") { (try? runCommand(["bash", "-c", probe])) != nil }
    }

    deinit { close(lifeline) }

    /// The spans that have come so far, in the order of coming.
    package func spans() throws -> [CollectedSpan] {
        var spans: [CollectedSpan] = []
        var service = ""
        var isLink = false
        for line in try String(contentsOf: output, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("Span #") {
                spans.append(CollectedSpan(service: service))
                isLink = false
            } else if line.hasPrefix("Links:") {
                isLink = true
            } else if let match = line.wholeMatch(of: #/ +-> ([a-z_.]+): (.*)/#) {
                if match.1 == "service.name" { service = String(match.2.dropFirst("Str(".count).dropLast()) }
                if !spans.isEmpty, !isLink { spans[spans.count - 1].attributes[String(match.1)] = String(match.2) }
            } else if let match = line.wholeMatch(of: #/ +([A-Z][A-Za-z ]*[A-Za-z]) *: (.*)/#), !spans.isEmpty, !isLink
            {
                spans[spans.count - 1].note(String(match.1), String(match.2))
            } else if line.hasPrefix("ResourceSpans #") {
                isLink = true
            }
        }
        return spans
    }
}

extension CollectedSpan {
    fileprivate mutating func note(_ name: String, _ value: String) {
        switch name {
        case "Trace ID": trace = value
        case "Parent ID": parent = value
        case "ID": id = value
        case "Name": self.name = value
        case "Kind": kind = value
        case "Status code": isFailed = value == "Error"
        default: break
        }
    }
}
