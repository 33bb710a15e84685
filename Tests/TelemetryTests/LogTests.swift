import Foundation
import Glibc
import Synchronization
import Testing

@testable import Telemetry

@Suite struct LogTests {
    final class Lines: Sendable {
        private let all = Mutex<[String]>([])
        func add(_ line: String) { all.withLock { $0.append(line) } }
        var lines: [String] { all.withLock { $0 } }
    }

    private func members(_ line: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test("a line is one JSON object with time, level, process, message and fields")
    func line() throws {
        let lines = Lines()
        let log = Log(process: "ingest", write: lines.add)
        log.warning("broker \"away\"\nагов", ["broker": "b1:9092", "tries": "3"])
        let line = try #require(lines.lines.first)
        #expect(!line.contains("\n"))
        let members = try members(line)
        #expect(members["level"] as? String == "warning")
        #expect(members["process"] as? String == "ingest")
        #expect(members["message"] as? String == "broker \"away\"\nагов")
        #expect(members["fields"] as? [String: String] == ["broker": "b1:9092", "tries": "3"])
        #expect((members["time"] as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }

    @Test("what is below the level is not written, nor made")
    func level() {
        let lines = Lines()
        let log = Log(process: "crm", level: .warning, write: lines.add)
        func costly() -> String {
            Issue.record("a debug message was built needlessly")
            return ""
        }
        log.debug(costly())
        log.info("no")
        log.error("yes")
        #expect(lines.lines.count == 1)
    }

    @Test("a line stays under PIPE_BUF and valid JSON, whatever it is given")
    func clipping() throws {
        let lines = Lines()
        let log = Log(process: "ingest", write: lines.add)
        let fields = Dictionary(
            uniqueKeysWithValues: (0..<40).map { ("field\($0)", String(repeating: "ї\u{1}", count: 900)) })
        log.info(String(repeating: "\u{2028}😀", count: 5_000), fields)
        let line = try #require(lines.lines.first)
        #expect(line.utf8.count < 4_096)
        let members = try members(line)
        #expect((members["omitted"] as? Int ?? 0) > 30)
    }

    @Test("a pipe that nobody reads blocks nobody, and what was lost is reported")
    func fullPipe() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let target = StandardError(descriptor: ends[1], patienceMilliseconds: 1)
        let line = String(repeating: "x", count: 1_000)
        let began = ContinuousClock.now
        for _ in 0..<500 { target.write(line) }
        #expect(ContinuousClock.now - began < .seconds(2))
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let first = read(ends[0], &buffer, buffer.count)
        let kept = first / 1_001
        #expect((10..<500).contains(kept))
        target.write("after")
        let second = read(ends[0], &buffer, buffer.count)
        let text = String(decoding: buffer[..<second], as: UTF8.self)
        #expect(text.contains("\"dropped\":\(500 - kept)}\n"))
        #expect(text.hasSuffix("\nafter\n"))
    }

    @Test(
        "instants are written in ISO 8601",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_709_251_200_000, "2024-03-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (4_102_444_800_123, "2100-01-01T00:00:00.123Z"),
        ] as [(Int64, String)])
    func instants(milliseconds: Int64, text: String) { #expect(WallClock.iso8601(milliseconds) == text) }
}
