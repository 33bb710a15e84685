import Access
import Crypto
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
            #expect(snapshot.quotas["limit"]?.version == holding)
        }
    }

    private func records(version: Int64) -> [ControlRecord] {
        var (token, account, quota) = (
            tokenRecord("t1"), AccountRecord(id: "shop", name: "A"), QuotaRecord(limitID: "limit", limit: 5)
        )
        (token.version, account.version, quota.version) = (version, version, version)
        return [.token(token), .account(account), .quota(quota)]
    }

    @Test("a tombstone deletes its key and nothing else; one of nothing known is taken as well")
    func tombstones() {
        var snapshot = ControlSnapshot()
        for record in records(version: 1) { _ = snapshot.apply(key: record.key, value: record.encoded()) }
        let restriction = ControlRecord.restriction(RestrictionRecord(limitID: "limit", level: 1, until: 5))
        #expect(snapshot.apply(key: restriction.key, value: restriction.encoded()) == .applied)
        #expect(snapshot.apply(key: "token/t1", value: nil) == .applied)
        #expect(snapshot.tokens.isEmpty && snapshot.accounts.count == 1 && snapshot.restrictions.count == 1)
        #expect(snapshot.apply(key: restriction.key, value: nil) == .applied)
        #expect(snapshot.apply(key: "account/shop", value: nil) == .applied)
        #expect(snapshot.apply(key: "limit/limit", value: nil) == .applied)
        #expect(snapshot.apply(key: "token/t9", value: nil) == .applied)
        #expect(snapshot.accounts.isEmpty && snapshot.restrictions.isEmpty && snapshot.quotas.isEmpty)
    }

    @Test(
        "what is no record of ours changes nothing: told apart by why",
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

func tokenRecord(_ id: String) -> TokenRecord {
    TokenRecord(
        id: id, account: "shop", secretDigest: sha256([0]), scopes: [.read], label: "",
        limitID: "limit", limit: 300)
}
