import Foundation
import Testing

@testable import Lifecycle

@Suite struct HeapTrimmerTests {
    @Test("pages whose blocks were freed go back to the system, although blocks among them are kept")
    func trim() throws {
        let blocks = (0..<100_000).map { _ in UnsafeMutableRawPointer.allocate(byteCount: 1_000, alignment: 8) }
        for block in blocks { block.initializeMemory(as: UInt8.self, repeating: 1, count: 1_000) }
        for index in blocks.indices where index % 100 != 0 { blocks[index].deallocate() }
        defer { for index in blocks.indices where index % 100 == 0 { blocks[index].deallocate() } }
        let before = try residentBytes()
        HeapTrimmer.trim()
        #expect(before - (try residentBytes()) > 50_000_000)
    }

    /// The second number of /proc/self/statm (proc(5)), in pages.
    private func residentBytes() throws -> Int {
        let words = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(words[1])) * 4096
    }
}
