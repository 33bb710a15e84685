import Access
import Crypto
import Orders
import RateLimit
import Testing

@testable import Control

@Suite("What ingest knows of topic control")
struct ControlSnapshotTests {
    @Test("of two versions the newer one holds, in whichever order they come")
    func versions() {
        var snapshot = ControlSnapshot()
        for (version, effect, holding) in [
            (2, ControlSnapshot.Effect.applied, 2), (1, .stale, 2), (2, .applied, 2), (3, .applied, 3), (2, .stale, 3),
        ] as [(Int64, ControlSnapshot.Effect, Int64)] {
            for record in records(version: version) {
                #expect(snapshot.apply(key: record.key, value: record.encoded()) == effect)
            }
            #expect(snapshot.tokens["t1"]?.version == holding)
            #expect(snapshot.accounts["shop"]?.version == holding)
            #expect(snapshot.limits[limitID]?.version == holding)
        }
    }

    private func records(version: Int64) -> [ControlRecord] {
        var (token, account, limit) = (
            tokenRecord("t1"), AccountRecord(id: "shop", name: "A"), LimitSetting(limitID: limitID, limit: 5)
        )
        (token.version, account.version, limit.version) = (version, version, version)
        return [.token(token), .account(account), .limit(limit)]
    }

    @Test("a caller is put together of token, account and limit, and again after a record")
    func callers() throws {
        var snapshot = ControlSnapshot()
        func found() -> Caller? { snapshot.caller("t1") }
        #expect(found() == nil)
        for record in records(version: 1) { _ = snapshot.apply(key: record.key, value: record.encoded()) }
        let caller = try #require(found())
        #expect(caller.token == tokenRecord("t1") && caller.account.id == "shop" && caller.settings.currency == .uah)
        #expect("\(caller.limit.id)" == limitID && caller.limit.configured == VersionedLimit(limit: 5, version: 1))
        #expect(caller.limit.restriction == nil)
        #expect(found() === caller, "the same one for the next request")
        let restriction = ControlRecord.restriction(RestrictionRecord(limitID: limitID, level: 2, until: 5))
        _ = snapshot.apply(key: restriction.key, value: restriction.encoded())
        #expect(found()?.limit.restriction == Restriction(level: 2, until: 5))
        _ = snapshot.apply(key: "limit/\(limitID)", value: nil)
        #expect(found()?.limit.configured == VersionedLimit(limit: 300, version: 0))
        _ = snapshot.apply(key: "account/shop", value: nil)
        #expect(found() == nil)
    }

    @Test("a token whose limit id cannot be read is malformed, and the one before it holds")
    func limitIDs() {
        var snapshot = ControlSnapshot()
        var token = tokenRecord("t1")
        token.limitID = "gold"
        let record = ControlRecord.token(token)
        guard case .malformed(let why) = snapshot.apply(key: record.key, value: record.encoded()) else {
            Issue.record("taken")
            return
        }
        #expect(why.contains("gold") && snapshot.tokens.isEmpty)
    }

    @Test("a tombstone deletes its key and nothing else; one of nothing known is taken as well")
    func tombstones() {
        var snapshot = ControlSnapshot()
        for record in records(version: 1) { _ = snapshot.apply(key: record.key, value: record.encoded()) }
        let restriction = ControlRecord.restriction(RestrictionRecord(limitID: limitID, level: 1, until: 5))
        #expect(snapshot.apply(key: restriction.key, value: restriction.encoded()) == .applied)
        #expect(snapshot.apply(key: "token/t1", value: nil) == .applied)
        #expect(snapshot.tokens.isEmpty && snapshot.accounts.count == 1 && snapshot.restrictions.count == 1)
        #expect(snapshot.apply(key: restriction.key, value: nil) == .applied)
        #expect(snapshot.apply(key: "account/shop", value: nil) == .applied)
        #expect(snapshot.apply(key: "limit/\(limitID)", value: nil) == .applied)
        #expect(snapshot.apply(key: "token/t9", value: nil) == .applied)
        #expect(snapshot.accounts.isEmpty && snapshot.restrictions.isEmpty && snapshot.limits.isEmpty)
    }

    @Test(
        "foreign records change nothing, and are distinguished by reason",
        arguments: [
            ("token/t1", "", false), ("token/t1", "{}", false), ("token/t1", "garbage", false),
            ("token/t1", #"{"schema":2}"#, false), ("token/t1", String(repeating: "[", count: 1_000_000), false),
            ("token/t2", nil, true), ("plan/gold", "{}", true), ("", "{}", true), ("token", "{}", true),
        ] as [(String, String?, Bool)])
    func strange(key: String, text: String?, isUnknown: Bool) {
        var snapshot = ControlSnapshot()
        let known = ControlRecord.token(tokenRecord("t1"))
        _ = snapshot.apply(key: known.key, value: known.encoded())
        // nil stands for a record under another record's key.
        let effect = snapshot.apply(key: key, value: text.map { Array($0.utf8) } ?? known.encoded())
        switch effect {
        case .unknown: #expect(isUnknown && text != nil)
        case .malformed(let why): #expect((!isUnknown || text == nil) && why.utf8.count < 300)
        case .applied, .stale: Issue.record("\(effect)")
        }
        #expect(snapshot.tokens == ["t1": tokenRecord("t1")])
    }
}

/// A limit's id, as records write it.
let limitID = "0123456789abcdef0123456789abcdef"

func tokenRecord(_ id: String) -> TokenRecord {
    TokenRecord(
        id: id, account: "shop", secretDigest: sha256([0]), scopes: [.read], label: "",
        limitID: limitID, limit: 300)
}
