import Crypto
import Testing

@testable import Access

@Suite("Authentication") struct AuthenticationTests {
    let token = Token { [UInt8](repeating: 1, count: $0) }
    let account = AccountRecord(id: "acme", name: "Acme")
    var record: TokenRecord

    init() {
        record = TokenRecord(
            id: token.id, account: "acme", secretDigest: token.secretDigest, scopes: [.write], label: "",
            limitID: "00", limit: 300)
    }

    func decide(
        _ text: String?, record: TokenRecord? = nil, account: AccountRecord? = nil, secret: ProvenSecret = .init(),
        now: Int64 = 100
    ) -> Authentication {
        let record = record ?? self.record
        let account = account ?? self.account
        return authenticate(
            text, token: { $0 == record.id ? (record, secret) : nil },
            account: { $0 == account.id ? account : nil }, now: now)
    }

    @Test("the right secret is granted, and may do what its scopes say")
    func granted() {
        #expect(decide(token.text) == .granted(record, account))
        #expect(record.allows(.write) && !record.allows(.read) && !record.allows(.admin))
        var admin = record
        admin.scopes = [.admin]
        #expect(Scope.allCases.allSatisfy(admin.allows))
    }

    @Test("a missing token is distinguished from a malformed one")
    func missing() {
        #expect(decide(nil) == .missing)
        #expect(decide("") == .malformed)
        #expect(decide("Bearer x") == .malformed)
        #expect(decide(token.text + " ") == .malformed)
    }

    @Test("another secret, another id and an account that is gone are all unknown")
    func unknown() {
        let guess = Token { [UInt8](repeating: $0 == 8 ? 1 : 2, count: $0) }
        #expect(decide(guess.text) == .unknown)
        #expect(decide(Token { [UInt8](repeating: 9, count: $0) }.text) == .unknown)
        #expect(decide(token.text, account: AccountRecord(id: "other", name: "")) == .unknown)
        var other = record
        other.secretDigest = guess.secretDigest
        #expect(decide(token.text, record: other) == .unknown)
    }

    @Test("revoked and expired are distinguished, from the very millisecond on")
    func ended() {
        var record = record
        record.expiresAt = 200
        #expect(decide(token.text, record: record, now: 199) == .granted(record, account))
        #expect(decide(token.text, record: record, now: 200) == .expired(at: 200))
        record.revokedAt = 150
        #expect(decide(token.text, record: record, now: 149) == .granted(record, account))
        #expect(decide(token.text, record: record, now: 150) == .revoked(at: 150))
        #expect(decide(token.text, record: record, now: 300) == .revoked(at: 150))
    }

    @Test("a wrong secret does not learn that a token is revoked")
    func revokedIsNotShown() {
        var record = record
        record.revokedAt = 1
        let guess = Token { [UInt8](repeating: $0 == 8 ? 1 : 2, count: $0) }
        #expect(decide(guess.text, record: record) == .unknown)
    }

    @Test("a secret that was proven once is known again by its text alone, and no other text passes for it")
    func proven() {
        let secret = ProvenSecret()
        #expect(!secret.isProven(by: token.text))
        #expect(decide(token.text, secret: secret) == .granted(record, account))
        #expect(secret.isProven(by: token.text))
        // Whoever is known by the text needs no digest: one that fits nothing is not looked at.
        var record = record
        record.secretDigest = sha256([])
        #expect(decide(token.text, record: record, secret: secret) == .granted(record, account))
        for place in token.text.indices {
            var text = token.text
            text.replaceSubrange(place...place, with: text[place] == "a" ? "b" : "a")
            #expect(!secret.isProven(by: text))
            #expect(decide(text, secret: secret) != .granted(self.record, account), "\(text)")
        }
        #expect(!secret.isProven(by: "") && !secret.isProven(by: String(token.text.dropLast())))
        record.revokedAt = 1
        #expect(decide(token.text, record: record, secret: secret) == .revoked(at: 1))
    }

    @Test("a refused secret is not remembered")
    func refused() {
        let secret = ProvenSecret()
        let guess = Token { [UInt8](repeating: $0 == 8 ? 1 : 2, count: $0) }
        #expect(decide(guess.text, secret: secret) == .unknown)
        #expect(!secret.isProven(by: guess.text))
    }

    @Test("what is remembered of a secret is in no description or reflection")
    func reflection() {
        let secret = ProvenSecret()
        secret.remember(token.text)
        var shown = ""
        dump(secret, to: &shown)
        #expect(!"\(secret)\(String(reflecting: secret))\(shown)".contains(token.text.suffix(20)))
    }
}
