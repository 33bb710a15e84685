import Foundation
import HTTP
import Support
import Testing

/// What running processes show on `/metrics`.
@Suite("Metrics of running processes", .timeLimit(.minutes(2))) struct RunningMetricsTests {
    private static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first(
        where: FileManager.default.isExecutableFile)

    /// Throws with what Prometheus' checker has to say, if it says anything.
    private func check(_ text: String, with promtool: String, in folder: TemporaryFolder) throws {
        let file = folder.file("metrics")
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let said = try runCommand(["sh", "-c", "exec \(promtool) check metrics < '\(file)'"])
        #expect(said.isEmpty, "\(said)")
    }

    @Test("Prometheus' checker has nothing to say about what running processes show")
    func checked() async throws {
        guard let promtool = Self.promtool else {
            print("SKIPPED: promtool is not installed (Debian package prometheus); running processes are not checked")
            return
        }
        let folder = try TemporaryFolder("metrics")
        let client = Client()
        defer { client.close() }
        func metrics(_ admin: String) async throws -> String {
            String(decoding: try await client.send(ClientRequest(.get, "\(admin)/metrics")).body, as: UTF8.self)
        }
        let everything = try Program(
            ["dev", "--json", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"], in: folder.url)
        let line = try #require(await everything.line(), "\(everything.errors)")
        struct Line: Decodable { var admin: String }
        var text = try await metrics(try JSONDecoder().decode(Line.self, from: Data(line.utf8)).admin)
        #expect(text.contains("\norderrelay_ready{part=\"ingest\"} 1\n"))
        #expect(text.contains("\norderrelay_http_connections{listener=\"admin\"} 1\n"))
        try check(text, with: promtool, in: folder)
        #expect(await everything.stop() == 0, "\(everything.errors)")

        // It waits for Kafka, and shows its metrics meanwhile.
        let port = FreePorts.take(1)[0]
        let auditor = try Program(
            ["auditor"],
            environment: ["KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "ADMIN_LISTEN": "127.0.0.1:\(port)"], in: folder.url
        )
        try await eventually("the auditor shows its metrics") {
            text = (try? await metrics("http://127.0.0.1:\(port)")) ?? ""
            return text.contains("\norderrelay_ready{part=\"auditor\"} 0\n")
        }
        #expect(text.contains("\norderrelay_ratelimit_overadmission_total 0\n"))
        #expect(text.contains("\norderrelay_books_failures_total "))
        try check(text, with: promtool, in: folder)
        #expect(await auditor.stop() == 0, "\(auditor.errors)")
    }
}
