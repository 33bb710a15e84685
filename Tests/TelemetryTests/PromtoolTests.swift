import Foundation
import Testing

@testable import Telemetry

@Suite struct PromtoolTests {
    static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first(
        where: FileManager.default.isExecutableFile)

    @Test("Prometheus' own checker has nothing to say about what is rendered")
    func check() throws {
        guard let promtool = Self.promtool else {
            print("SKIPPED: promtool is not installed (Debian package prometheus); the metrics' format is not checked")
            return
        }
        let metrics = Metrics()
        metrics.counter("orders_accepted_total", "Orders with a \\ and \"quotes\".", labels: ["path"]).add(
            1, "a\"b\\c\nd ї")
        metrics.gauge("lag_seconds", "Lag.").set(1.5e-7)
        metrics.histogram("verdict_seconds", "Verdicts.", labels: ["path"]).record(0.2, "warm")
        metrics.addProcess(version: "0.1.0", process: "ingest")
        let (status, output) = try run(promtool, ["check", "metrics"], input: metrics.rendered())
        #expect(status == 0, "\(output)")
        #expect(output.isEmpty, "\(output)")
        let (broken, _) = try run(promtool, ["check", "metrics"], input: "no metrics { at all\n")
        #expect(broken != 0)
    }

    private func run(_ program: String, _ arguments: [String], input: String) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let stdin = Pipe()
        let stdout = Pipe()
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stdout
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
