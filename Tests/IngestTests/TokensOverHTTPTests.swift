import Access
import HTTP
import Orders
import Synchronization
import Testing

@testable import Ingest

/// Tokens as callers get them wrong, over a socket.
@Suite("Tokens over HTTP", .timeLimit(.minutes(1)))
struct TokensOverHTTPTests {
    /// The header's line as it is sent, with `TOKEN` in the place of a good token; and what is answered.
    struct Case: Sendable, CustomTestStringConvertible {
        var lines: [String]
        var status: Int
        var code: String?
        init(_ lines: [String], _ status: Int, _ code: String? = nil) {
            (self.lines, self.status, self.code) = (lines, status, code)
        }
        var testDescription: String { lines.joined(separator: " | ") }
    }

    private static let other = "or_0123456789abcdef_\(String(repeating: "A", count: 43))"

    static let cases: [Case] = [
        Case(["Authorization: Bearer TOKEN"], 200), Case(["authorization: bearer TOKEN"], 200),
        Case(["X-Leeloo-AuthToken: TOKEN"], 200), Case(["x-leeloo-authtoken:TOKEN"], 200),
        // Spaces around a field's value, and between scheme and token, are no part of it (RFC 9110, 5.5 and 11.4).
        Case(["Authorization:   Bearer   TOKEN"], 200), Case(["Authorization: Bearer TOKEN   "], 200),
        Case(["X-Leeloo-AuthToken: TOKEN\t"], 200),
        Case([], 401, "TOKEN_MISSING"), Case(["Cookie: token=TOKEN"], 401, "TOKEN_MISSING"),
        Case(["X-Auth-Token: TOKEN"], 401, "TOKEN_MISSING"), Case(["Token: TOKEN"], 401, "TOKEN_MISSING"),
        Case(["Authorization: TOKEN"], 401, "TOKEN_MALFORMED"),
        Case(["Authorization: Basic TOKEN"], 401, "TOKEN_MALFORMED"),
        Case(["Authorization: Bearer"], 401, "TOKEN_MALFORMED"), Case(["Authorization:"], 401, "TOKEN_MALFORMED"),
        Case(["Authorization: Bearer TOKEN TOKEN"], 401, "TOKEN_MALFORMED"),
        Case(["Authorization: Bearer \"TOKEN\""], 401, "TOKEN_MALFORMED"),
        Case(["Authorization: Bearer TOKE N"], 401, "TOKEN_MALFORMED"),
        Case(["X-Leeloo-AuthToken: Bearer TOKEN"], 401, "TOKEN_MALFORMED"),
        Case(["Authorization: Bearer CUT"], 401, "TOKEN_MALFORMED"),
        Case(["Authorization: Bearer UPPER"], 401, "TOKEN_MALFORMED"),
        Case(["Authorization: Bearer \(other)"], 401, "TOKEN_UNKNOWN"),
        Case(["Authorization: Bearer WRONG"], 401, "TOKEN_UNKNOWN"),
        Case(["Authorization: Bearer TOKEN", "X-Leeloo-AuthToken: TOKEN"], 200),
        Case(["Authorization: Bearer TOKEN", "X-Leeloo-AuthToken: \(other)"], 400, "TWO_TOKENS"),
        Case(["Authorization: Bearer TOKEN", "Authorization: Bearer \(other)"], 400, "TWO_TOKENS"),
        Case(["X-Leeloo-AuthToken: \(other)", "X-Leeloo-AuthToken: TOKEN"], 400, "TWO_TOKENS"),
    ]

    @Test("each is answered with its status and code; no secret is ever repeated")
    func cases() async throws {
        let served = try await ServedFixture()
        let token = served.shop.token.text
        // Another secret under a known id.
        let id = served.shop.token.id
        let secret = Token { Array(repeating: 9, count: $0) }.text.suffix(43)
        for one in Self.cases {
            let lines = one.lines.map { line in
                line.replacing("TOKE N", with: token.prefix(30) + " " + token.dropFirst(30))
                    .replacing("TOKEN", with: token).replacing("CUT", with: token.dropLast(5))
                    .replacing("UPPER", with: token.uppercased()).replacing("WRONG", with: "or_\(id)_\(secret)")
            }
            let answer = try await served.send("GET /api/v2/me HTTP/1.1", lines)
            #expect(answer.status == one.status, "\(one.testDescription): \(answer.text)")
            if let code = one.code { #expect(answer.text.contains("\"code\":\"\(code)\""), "\(one.testDescription)") }
            if one.status == 401 {
                let isMissing = one.code == "TOKEN_MISSING"
                #expect(answer.text.contains("Bearer error=\"invalid_token\"") != isMissing, "\(one.testDescription)")
            }
            #expect(!answer.text.contains(token.suffix(43)))
        }
        await served.stop()
    }

    @Test("a token in the query is ignored, with a field or without, and is not repeated")
    func query() async throws {
        let served = try await ServedFixture()
        let token = served.shop.token.text
        for name in ["token", "access_token", "authToken", "X-Leeloo-AuthToken", "Authorization"] {
            let answer = try await served.send("GET /api/v2/me?\(name)=\(token) HTTP/1.1", [])
            #expect(answer.status == 401 && answer.text.contains("TOKEN_MISSING"), "\(name): \(answer.text)")
            #expect(!answer.text.contains(token.suffix(43)))
        }
        await served.stop()
    }

    @Test("revoked and expired are distinguished, over the wire too")
    func ended() async throws {
        let served = try await ServedFixture()
        let (id, now) = (served.shop.token.id, Fixture.now.milliseconds)
        for (revoked, expires, code) in [(now, nil, "TOKEN_REVOKED"), (nil, now, "TOKEN_EXPIRED")]
            as [(Int64?, Int64?, String)]
        {
            served.shop.control.tokens.withLock {
                $0[id]!.revokedAt = revoked
                $0[id]!.expiresAt = expires
            }
            let answer = try await served.send(
                "GET /api/v2/me HTTP/1.1", ["Authorization: Bearer \(served.shop.token.text)"])
            #expect(answer.status == 401 && answer.text.contains(code), "\(answer.text)")
        }
        await served.stop()
    }
}
