import Testing

@testable import RateLimit

@Suite("The auditor")
struct AuditorTests {
    private func used(_ count: Int, by sequence: UInt64, ago steps: Int64) -> Settlement {
        Settlement(sequence: sequence, part: .waiting, uses: [.init(ageSteps: steps, count: count)])
    }

    private func audited(_ records: [(claim: Claim, at: Milliseconds)]) -> Auditor.Report? {
        var auditor = Auditor()
        for record in records {
            auditor.read(LimitRecord.claim(record.claim).encoded(), partition: 0, timestamp: record.at)
        }
        return auditor.report(of: anyLimit)
    }

    @Test("counts what settlements say was used, once")
    func counts() {
        let settling = Claim.of(one, 2, need: 0, settles: [used(4, by: 1, ago: 1)])
        var again = settling
        again.sequence = 3
        let report = audited([(.of(one, 1, need: 10), 0), (settling, 50), (again, 60), (settling, 70)])
        #expect(report == .init(claims: 4, admissions: 4, worstWindow: 4, limit: 10, overAdmissions: 0))
    }

    @Test("finds one admission too many, where it is certain")
    func over() {
        let records: [(claim: Claim, at: Milliseconds)] = [
            (.of(one, 1, need: 10), 0), (.of(one, 2, need: 0, settles: [used(10, by: 1, ago: 0)]), 5),
            (.of(two, 1, need: 1), 59_000), (.of(two, 2, need: 0, settles: [used(1, by: 1, ago: 0)]), 59_005),
        ]
        #expect(audited(records)?.overAdmissions == 1)
        #expect(audited(records)?.worstWindow == 11)
    }

    @Test("does not find what may have been a minute apart")
    func uncertain() {
        let records: [(claim: Claim, at: Milliseconds)] = [
            (.of(one, 1, need: 10), 0), (.of(one, 2, need: 0, settles: [used(10, by: 1, ago: 0)]), 5),
            (.of(two, 1, need: 1), 59_990), (.of(two, 2, need: 0, settles: [used(1, by: 1, ago: 0)]), 60_010),
        ]
        #expect(audited(records)?.overAdmissions == 0)
    }

    @Test("judges by the limit that held")
    func limits() {
        let report = audited([
            (.of(one, 1, need: 10), 0), (.of(one, 2, need: 0, settles: [used(10, by: 1, ago: 0)]), 5),
            (.of(one, 3, need: 1, limit: 2, version: 2), 70_000),
            (.of(one, 4, need: 3, limit: 2, version: 2), 130_000),
            (.of(one, 5, need: 0, limit: 2, version: 2, settles: [used(3, by: 4, ago: 0)]), 130_005),
        ])
        #expect(report?.overAdmissions == 1)
        #expect(report?.limit == 2)
    }
}
