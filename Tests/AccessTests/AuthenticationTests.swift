import Crypto
import Testing

@testable import Access

@Suite("Authentication") struct AuthenticationTests {
    let token = Token { [UInt8](repeating: 1, count: $0) }
    let account = AccountRecord(id: "acme", name: "Acme")
    var record: TokenRecord

    init() {
        record = TokenRecord(
            id: token.id, account: "acme", secretDigest: token.secretDigest.description, scopes: [.write], label: "",
            limitID: "00", limit: 300)
    }

    func decide(
        _ presented: PresentedToken? = nil, _ scope: Scope = .write, record: TokenRecord? = nil,
        account: AccountRecord? = nil, now: Int64 = 100
    ) -> Authentication {
        let record = record ?? self.record
        let account = account ?? self.account
        return authenticate(
            presented ?? .token(token), needing: scope, token: { $0 == record.id ? record : nil },
            account: { $0 == account.id ? account : nil }, now: now)
    }

    @Test("the right secret is granted what its scopes say")
    func granted() {
        #expect(decide() == .granted(record, account))
        #expect(decide(nil, .read) == .lacks(.read))
        #expect(decide(nil, .admin) == .lacks(.admin))
        var admin = record
        admin.scopes = [.admin]
        #expect(decide(nil, .read, record: admin) == .granted(admin, account))
    }

    @Test("a missing token is told from a wrong one")
    func missing() {
        #expect(decide(.absent) == .missing)
        #expect(decide(PresentedToken(nil)) == .missing)
        #expect(decide(PresentedToken("")) == .unknown)
        #expect(decide(PresentedToken("Bearer x")) == .unknown)
        #expect(decide(PresentedToken(token.text)) == .granted(record, account))
    }

    @Test("another secret, another id and an account that is gone are all unknown")
    func unknown() {
        let guess = Token { [UInt8](repeating: $0 == 8 ? 1 : 2, count: $0) }
        #expect(decide(.token(guess)) == .unknown)
        #expect(decide(.token(Token { [UInt8](repeating: 9, count: $0) })) == .unknown)
        #expect(decide(account: AccountRecord(id: "other", name: "")) == .unknown)
        var broken = record
        broken.secretDigest = "not hexadecimal"
        #expect(decide(record: broken) == .unknown)
    }

    @Test("revoked and expired are told apart, from the very millisecond on")
    func ended() {
        var record = record
        record.expiresAt = 200
        #expect(decide(record: record, now: 199) == .granted(record, account))
        #expect(decide(record: record, now: 200) == .expired(at: 200))
        record.revokedAt = 150
        #expect(decide(record: record, now: 149) == .granted(record, account))
        #expect(decide(record: record, now: 150) == .revoked(at: 150))
        #expect(decide(record: record, now: 300) == .revoked(at: 150))
    }

    @Test("a wrong secret does not learn that a token is revoked")
    func revokedIsNotShown() {
        var record = record
        record.revokedAt = 1
        let guess = Token { [UInt8](repeating: $0 == 8 ? 1 : 2, count: $0) }
        #expect(decide(.token(guess), record: record) == .unknown)
    }

    @Test("a plan without the API refuses every scope")
    func plan() {
        var account = account
        account.apiAccess = false
        #expect(decide(account: account) == .planWithoutAPI)
    }
}
