import Access
import HTTP
import Testing

@testable import Ingest

/// Common HTTP clients send a body with GET where a program hands them an empty object.
@Suite("Bodies that nobody asked for", .timeLimit(.minutes(1)))
struct UnaskedBodyTests {
    @Test("a small one is ignored, whatever it is; a larger one is distinguished from a body that is too large")
    func bodies() async throws {
        let served = try await ServedFixture()
        let lines = ["Authorization: Bearer \(served.shop.token.text)", "Content-Type: application/json"]
        let maximum = Endpoint.BodyRule.none.bytesMaximum
        for (body, status) in [
            ("{}", 200), ("[]", 200), ("no JSON", 200), (String(repeating: "x", count: maximum), 200),
            (String(repeating: "x", count: maximum + 1), 400),
        ] {
            let answer = try await served.send("GET /api/v2/me HTTP/1.1", lines, Array(body.utf8))
            #expect(answer.status == status, "\(body.utf8.count) bytes: \(answer.text)")
            #expect(answer.text.contains("RateLimit"), "it cost a permit")
            if status == 400 { #expect(answer.text.contains("BAD_REQUEST") && answer.text.contains("has no body")) }
        }
        await served.stop()
    }
}
