import Foundation
import HTTP
import Orders
import Testing

@testable import Ingest

/// What messages and documentation name must exist, and what exists must be documented.
@Suite("Paths that are named")
struct NamedPathsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The texts in which people read of this API: sources, with their messages and comments, and documentation.
    private static func texts() throws -> [(file: String, text: String)] {
        let manager = FileManager.default
        var texts = [("README.md", try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8))]
        for folder in ["Sources", "deploy"] {
            for case let path as String in manager.enumerator(atPath: root.appending(path: folder).path()) ?? .init() {
                let url = root.appending(path: folder).appending(path: path)
                guard let data = manager.contents(atPath: url.path()), let text = String(bytes: data, encoding: .utf8)
                else { continue }
                texts.append(("\(folder)/\(path)", text))
            }
        }
        return texts
    }

    @Test("every path of this API that is named anywhere has a call")
    func exist() async throws {
        let router = try await Fixture().application.api.router
        var named = 0
        for (file, text) in try Self.texts() {
            let whole = text.matches(of: /\/api\/v2(\/[A-Za-z0-9_{}\/.-]*[A-Za-z0-9_}])/).map(\.1)
            let calls = text.matches(of: /(?:GET|POST|PUT|PATCH|DELETE) (\/[a-z][A-Za-z0-9_{}\/.-]*[A-Za-z0-9_}])/)
                .map(\.1).filter { path in !Self.others.contains { path.hasPrefix($0) } }
            for path in whole + calls {
                named += 1
                let plain = Endpoint.root + path.replacing(/\{[a-z]*\}/, with: "x")
                if case .notFound = router.route(.get, plain) {
                    Issue.record("\(file) names \(path), which does not exist")
                }
            }
        }
        #expect(named > 20, "the search finds nothing any more")
    }

    /// What the paths of other programs, and those of the admin port, begin with.
    private static let others = ["/crm/", "/sandbox/", "/readyz", "/healthz", "/metrics"]

    private static func documentation() throws -> String {
        try String(
            contentsOf: root.appending(path: "Sources/OrderRelay/OrderRelay.docc/API.md"), encoding: .utf8)
    }

    @Test("the documentation names every field of an order and of its changes")
    func fields() throws {
        let words = Set(try Self.documentation().split { !$0.isLetter }.map(String.init))
        let names =
            OrderField.allCases.map(\.name) + BuyerField.allCases.map(\.name) + ItemField.allCases.map(\.name)
            + CampaignTag.allCases.map(\.name) + ChangeField.allCases.map(\.name)
        for name in names { #expect(words.contains("\(name)"), "API.md does not name \(name)") }
    }

    @Test("the documentation's table of calls is what the calls say of themselves")
    func calls() async throws {
        let rows = try await Fixture().application.api.endpoints.map { endpoint in
            let others = endpoint.methods.dropLast().map { "`\($0.name)` or " }.joined()
            let last = try #require(endpoint.methods.last)
            return "| \(others)`\(last.name) \(endpoint.path)` | \(endpoint.summary) |"
        }
        let text = try Self.documentation()
        #expect(text.contains(rows.joined(separator: "\n")), "\(rows.joined(separator: "\n"))")
    }

    @Test("the documentation has every header field that an answer has")
    func fields() async throws {
        let text = try Self.documentation()
        let shop = try await Fixture()
        for (name, _) in await shop.send(.get, "/api/v2/me").fields.all where name != "Content-Type" {
            #expect(text.contains("`\(name)`"), "\(name)")
        }
    }
}
