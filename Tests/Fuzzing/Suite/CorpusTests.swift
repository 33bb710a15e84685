import Foundation
import Testing

@Suite("Kept inputs")
struct CorpusTests {
    /// A target's inputs, one a line, in base64.
    static func corpus(_ name: String) throws -> [[UInt8]] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Corpora/\(name).base64")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            [UInt8](try #require(Data(base64Encoded: String(line)), "a line of \(name) is no base64"))
        }
    }

    @Test(
        "what every decoder promises holds for every input that the fuzzer kept", arguments: FuzzTarget.all.map(\.name))
    func replay(name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let inputs = try Self.corpus(name)
        #expect(inputs.count > 10, "the corpus is there")
        for input in inputs {
            #expect(throws: Never.self, "\(name): \(Data(input).base64EncodedString())") { try target.check(input) }
        }
    }

    @Test("a promise that does not hold is noticed")
    func control() {
        let target = FuzzTarget(name: "always short") { bytes throws(Broken) in try promise("short", bytes.count < 3) }
        #expect(throws: Broken.self) { try target.check([1, 2, 3]) }
    }
}
