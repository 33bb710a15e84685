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

    @Test("an auditor that goes on for ever reports each excess admission once, and forgets")
    func forEver() {
        var auditor = Auditor()
        var time: Milliseconds = 0
        var found: [Int] = []
        var sequence: UInt64 = 0
        func use(_ count: Int, after pause: Milliseconds) {
            time += pause
            sequence += 2
            let claims = [
                Claim.of(one, sequence, need: count),
                .of(one, sequence + 1, need: 0, settles: [used(count, by: sequence, ago: 0)]),
            ]
            for claim in claims {
                auditor.read(LimitRecord.claim(claim).encoded(), partition: 3, timestamp: time)
                time += 5
            }
            found.append(auditor.judge()[anyLimit] ?? 0)
        }
        for _ in 0..<2_000 { use(10, after: 61_000) }
        #expect(found.allSatisfy { $0 == 0 })
        let account = auditor.accounts[anyLimit]
        #expect(account.map { $0.uses.count + $0.claims.count + $0.settled.count + $0.limits.count } ?? .max < 40)

        found = []
        use(3, after: 30_000)
        use(2, after: 1_000)
        use(0, after: 1_000)
        #expect(found == [3, 2, 0], "the window got worse, and then no worse")
        found = []
        for _ in 0..<6 { use(10, after: 61_000) }
        use(4, after: 30_000)
        #expect(found == [0, 0, 0, 0, 0, 0, 4], "a separate window is reported again")
        #expect(auditor.admissions == 20_000 + 5 + 60 + 4)

        // Another limit's records move the partition's time on: this one is let go of.
        for number in UInt64(1)...200 {
            time += 10_000
            var claim = Claim.of(two, number, need: 0)
            claim.limitID = LimitID(high: 1, low: 1)
            auditor.read(LimitRecord.claim(claim).encoded(), partition: 3, timestamp: time)
            _ = auditor.judge()
        }
        #expect(auditor.limitIDs == [LimitID(high: 1, low: 1)])
    }

    @Test("a settlement of a forgotten claim is ignored")
    func lateSettlement() {
        var auditor = Auditor()
        auditor.read(LimitRecord.claim(.of(one, 1, need: 10)).encoded(), partition: 0, timestamp: 0)
        auditor.read(LimitRecord.claim(.of(two, 1, need: 0)).encoded(), partition: 0, timestamp: 200_000)
        _ = auditor.judge()
        let late = Claim.of(one, 2, need: 0, settles: [used(10, by: 1, ago: 0)])
        auditor.read(LimitRecord.claim(late).encoded(), partition: 0, timestamp: 200_010)
        #expect(auditor.judge().isEmpty && auditor.admissions == 0)
    }
}
