import Access
import HTTP
import Orders
import Synchronization
import Testing

@testable import Ingest

@Suite("Who may call")
struct AuthenticationTests {
    @Test("both header forms are taken, and two different tokens are not")
    func forms() async throws {
        let shop = try await Fixture()
        let token = shop.token.text
        for fields: HeaderFields in [
            ["Authorization": "Bearer \(token)"], ["authorization": "bearer \(token)"], ["X-Leeloo-AuthToken": token],
            ["Authorization": "Bearer \(token)", "X-Leeloo-AuthToken": token],
        ] {
            #expect(await shop.send(.get, "/api/v2/me", fields: fields).status == 200)
        }
        let two = await shop.send(
            .get, "/api/v2/me", fields: ["Authorization": "Bearer \(token)", "X-Leeloo-AuthToken": token + "x"])
        #expect(two.status == 400 && two.member("code") == "TWO_TOKENS")
    }

    @Test("a missing token is refused without an error, a wrong one with invalid_token; the secret is never repeated")
    func refused() async throws {
        let shop = try await Fixture()
        let missing = await shop.send(.get, "/api/v2/me", token: "")
        #expect(missing.status == 401 && missing.fields["WWW-Authenticate"] == "Bearer")
        let good = shop.token.text
        for wrong in [
            "nonsense", String(good.dropLast()), good + " ", good + " x", "or_" + good.dropFirst(4),
            good.dropLast() + "A",
        ] {
            let response = await shop.send(.get, "/api/v2/me", token: wrong)
            #expect(response.status == 401, "\(wrong.count)")
            #expect(response.fields["WWW-Authenticate"] == "Bearer error=\"invalid_token\"")
            #expect(!response.text.contains(good.suffix(20)))
        }
        #expect(await shop.send(.get, "/api/v2/me?token=\(good)", token: "").status == 401)
    }

    @Test("a revoked and an expired token are distinguished")
    func ended() async throws {
        let shop = try await Fixture()
        let now = Fixture.now.milliseconds
        for (revoked, expires, code) in [(now, nil, "TOKEN_REVOKED"), (nil, now, "TOKEN_EXPIRED")]
            as [(Int64?, Int64?, String)]
        {
            shop.control.tokens.withLock {
                $0[shop.token.id]!.revokedAt = revoked
                $0[shop.token.id]!.expiresAt = expires
            }
            let response = await shop.send(.get, "/api/v2/me")
            #expect(response.status == 401 && response.member("code") == code)
        }
        shop.control.tokens.withLock {
            $0[shop.token.id]!.revokedAt = now + 1
            $0[shop.token.id]!.expiresAt = nil
        }
        #expect(await shop.send(.get, "/api/v2/me").status == 200, "a replaced token works until its overlap ends")
    }

    @Test("a scope that the token lacks is 403, and so is a plan without API access")
    func forbidden() async throws {
        let shop = try await Fixture(scopes: [.read])
        let response = await shop.send(.post, "/api/v2/orders", "{}")
        #expect(response.status == 403 && response.member("code") == "SCOPE_MISSING")
        shop.control.accounts.withLock { $0["shop"]!.apiAccess = false }
        let plan = await shop.send(.get, "/api/v2/me")
        #expect(plan.status == 403 && plan.member("code") == "PLAN_WITHOUT_API")
    }

    @Test("unknown paths, methods and versions are distinguished")
    func paths() async throws {
        let shop = try await Fixture()
        #expect(await shop.send(.get, "/api/v2/nothing").status == 404)
        let method = await shop.send(.delete, "/api/v2/orders")
        #expect(method.status == 405 && method.fields["Allow"] == "GET, HEAD, POST")
        let old = await shop.send(.post, "/api/v1/orders")
        #expect(old.status == 404 && old.text.contains("/api/v2"))
        #expect(await shop.send(.get, "/api/v2/orders/%zz").status == 400)
        for response in [method, old] { #expect(response.fields["X-Request-Id"] != nil) }
    }
}
