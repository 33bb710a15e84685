import Foundation
import JSON
import Testing

/// The 318 cases of JSONTestSuite (https://github.com/nst/JSONTestSuite), where the toolbox is at hand.
@Suite("JSONTestSuite")
struct SuiteTests {
    /// Taken by RFC 8259, refused here on purpose: which of two equal keys is meant, nobody can say.
    static let refusedOnPurpose: Set = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]
    /// Left open by RFC 8259 and taken here: numbers stay text until they are read.
    static let takenOfOpen: Set = [
        "i_number_double_huge_neg_exp.json", "i_number_huge_exp.json", "i_number_neg_int_huge_exp.json",
        "i_number_pos_double_huge_exp.json", "i_number_real_neg_overflow.json", "i_number_real_pos_overflow.json",
        "i_number_real_underflow.json", "i_number_too_big_neg_int.json", "i_number_too_big_pos_int.json",
        "i_number_very_big_negative_int.json",
    ]

    static let folder: URL? = {
        let shared = ProcessInfo.processInfo.environment["ORDERRELAY_SHARED"] ?? "../shared"
        let folder = URL(filePath: shared).appending(path: "suites/json")
        guard FileManager.default.fileExists(atPath: folder.path) else {
            print("SKIPPED: JSONTestSuite is not at \(folder.path); set ORDERRELAY_SHARED to the toolbox")
            return nil
        }
        return folder
    }()

    @Test("all 318 cases are taken or refused as they must be", .enabled(if: Self.folder != nil))
    func cases() throws {
        let folder = try #require(Self.folder)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
        #expect(files.count == 318)
        for file in files {
            let name = file.lastPathComponent
            let text = try [UInt8](Data(contentsOf: file))
            let isTaken = isJSON(text)
            switch name.first {
            case "y": #expect(isTaken != Self.refusedOnPurpose.contains(name), "\(name)")
            case "n": #expect(!isTaken, "\(name)")
            default: #expect(isTaken == Self.takenOfOpen.contains(name), "\(name)")
            }
        }
    }
}

/// Whether the reader takes the text as one value.
func isJSON(_ text: [UInt8]) -> Bool {
    do {
        try skim(text)
        return true
    } catch {
        return false
    }
}

/// Reads one value of any kind and the end of the text.
func skim(_ text: [UInt8]) throws(JSONError) {
    let span = text.span
    var reader = try JSONReader(span.bytes)
    try reader.skip()
    try reader.end()
}
