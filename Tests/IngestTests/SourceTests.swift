import Configuration
import HTTP
import Testing

@testable import Ingest

@Suite("Failed authentications by source")
struct SourceTests {
    @Test("after thirty failures an address must wait, and a valid token from there is served")
    func limited() async throws {
        let shop = try await Fixture()
        for _ in 0..<FailedAuthentications.maximum {
            #expect(await shop.send(.get, "/api/v2/me", token: "nonsense").status == 401)
        }
        let refused = await shop.send(.get, "/api/v2/me", token: "nonsense")
        #expect(refused.status == 429 && refused.member("code") == "TOO_MANY_FAILED_AUTHENTICATIONS")
        #expect((1...60).contains(Int(refused.fields["Retry-After"] ?? "") ?? 0))
        #expect(refused.fields["RateLimit"] == nil && refused.fields["X-RateLimit-Limit"] == nil)
        #expect(await shop.send(.get, "/api/v2/me").status == 200)
        #expect(await shop.send(.get, "/api/v2/me", token: "nonsense", from: "127.0.0.2").status == 401)
    }

    @Test("an address is heard again after its span, and the oldest of too many is forgotten")
    func span() {
        let failures = FailedAuthentications(addresses: 2)
        let start = ContinuousClock.now
        for _ in 0..<FailedAuthentications.maximum { #expect(failures.note("a", now: start) == nil) }
        #expect(failures.note("a", now: start + .milliseconds(500)) == 60)
        #expect(failures.note("a", now: start + .milliseconds(59_500)) == 1)
        #expect(failures.note("a", now: start + .seconds(60)) == nil)
        for _ in 0..<FailedAuthentications.maximum { _ = failures.note("b", now: start + .seconds(61)) }
        #expect(failures.note("b", now: start + .seconds(61)) != nil)
        for address in ["c", "d"] { _ = failures.note(address, now: start + .seconds(62)) }
        #expect(failures.note("b", now: start + .seconds(62)) == nil, "forgotten")
    }

    @Test("X-Forwarded-For is believed as far as trusted proxies wrote it")
    func forwarded() {
        let proxies = TrustedProxies("10.0.0.0/8, fd00::/8,192.0.2.7")!
        func source(_ peer: String, _ field: String?) -> String {
            proxies.source(
                of: RequestHead(
                    method: .get, path: "/", fields: field.map { ["X-Forwarded-For": $0] } ?? [:], peer: peer))
        }
        #expect(source("203.0.113.5", "198.51.100.1") == "203.0.113.5", "a stranger may write what it likes")
        #expect(source("10.1.2.3", nil) == "10.1.2.3")
        #expect(source("10.1.2.3", "198.51.100.1") == "198.51.100.1")
        #expect(source("10.1.2.3", "1.1.1.1, 198.51.100.1, 192.0.2.7") == "198.51.100.1", "the last stranger")
        #expect(source("10.1.2.3", "198.51.100.1, nonsense") == "10.1.2.3")
        #expect(source("::ffff:10.1.2.3", "198.51.100.1") == "198.51.100.1")
        #expect(source("fd00::1", "2001:db8:1:2::3") == source("2001:db8:1:2::4", nil), "one network, one source")
        #expect(source("2001:db8:1:2::4", nil) != source("2001:db8:1:3::4", nil))
        #expect(TrustedProxies().source(of: RequestHead(method: .get, path: "/", fields: [:], peer: "")) == "")
    }

    @Test("what is no list of networks stops the start, and says what would be one")
    func setting() throws {
        for text in ["10.0.0.0/33", "10.0.0.0/-1", "nonsense", "10.0.0.0/8/8", "fd00::/x"] {
            let error = #expect(throws: ConfigurationError.self) {
                _ = try TrustedProxies(Environment(["HTTP_TRUSTED_PROXIES": text]))
            }
            #expect(error?.message.contains(text) == true && error?.message.contains("10.0.0.0/8") == true)
        }
        _ = try TrustedProxies(Environment([:]))
    }
}
