import Access
import Testing

@testable import Control

@Suite("What control tells of limits") struct ControlSnapshotTests {
    @Test("an older word on a limit never beats a newer, and a tombstone takes both away")
    func quotas() {
        var snapshot = ControlSnapshot()
        func say(_ limit: Int, version: Int64) -> ControlSnapshot.Effect {
            var quota = QuotaRecord(limitID: "ff", limit: limit)
            quota.version = version
            return snapshot.apply(key: "limit/ff", value: ControlRecord.quota(quota).encoded())
        }
        #expect(say(300, version: 1) == .applied)
        #expect(say(20, version: 3) == .applied)
        #expect(say(1_000, version: 2) == .stale)
        #expect(snapshot.quotas["ff"]?.limit == 20)
        #expect(snapshot.apply(key: "limit/ff", value: nil) == .applied)
        #expect(snapshot.quotas.isEmpty)
    }
}
