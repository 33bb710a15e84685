import Foundation
import Testing

/// A metric that is exported and never recorded says 0 of something that happens.
@Suite struct MetricsTests {
    private static let sources: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
            .compactMap { try? String(contentsOf: $0, encoding: .utf8) }.joined(separator: "\n")
    }()

    @Test("every metric that is registered is recorded somewhere")
    func recorded() throws {
        let recorded = Set(
            Self.sources.matches(of: #/(\w+)\??\.(?:add|set|record)\(/#.wordBoundaryKind(.simple)).map { $0.1 })
        let registrations = Self.sources.matches(
            of: #/(?:(\w+)\s*=\s*(?:\w+\.)*)?(?:counter|gauge|histogram)\(\s*"(orderrelay_\w+)"/#)
        #expect(registrations.contains { $0.2 == "orderrelay_delivery_overstayed_total" })
        for registration in registrations {
            // Set where it is registered.
            if registration.2 == "orderrelay_build_info" { continue }
            let variable = try #require(
                registration.1, "\(registration.2) is registered in a form that is not looked at")
            #expect(recorded.contains(variable), "\(registration.2) is registered as \(variable), and never recorded")
        }
    }
}
