import Foundation
import Testing

@testable import Telemetry

@Suite("The container's memory limit") struct MemoryLimitTests {
    /// A folder that looks like the control groups of either version, removed at the end.
    func limit(_ files: [String: String]) throws -> Double {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(
            at: folder.appending(path: "memory"), withIntermediateDirectories: true)
        for (name, text) in files {
            try text.write(to: folder.appending(path: name), atomically: false, encoding: .utf8)
        }
        return memoryLimit(groups: folder.path)
    }

    @Test("both versions of control groups are read")
    func versions() throws {
        #expect(try limit(["memory.max": "536870912\n"]) == 536_870_912)
        #expect(try limit(["memory/memory.limit_in_bytes": "268435456\n"]) == 268_435_456)
    }

    @Test("no limit is infinite, however it is written, and so is one that cannot be read")
    func unlimited() throws {
        #expect(try limit(["memory.max": "max\n"]) == .infinity)
        #expect(try limit(["memory/memory.limit_in_bytes": "9223372036854771712\n"]) == .infinity)
        #expect(try limit(["memory.max": ""]) == .infinity)
        #expect(try limit([:]) == .infinity)
    }
}
