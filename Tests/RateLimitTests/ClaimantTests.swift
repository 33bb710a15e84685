import Testing

@testable import RateLimit

/// One process and its partition: what it appends lies on the log until the test reads it back.
private struct Bench {
    var claimant = Claimant(process: one, isWhole: true)
    var actions: [Action] = []
    var offset: Int64 = 0
    var tickets: UInt64 = 0
    let configured: VersionedLimit

    /// Ready at 10 ms: its probe was read back.
    init(limit: Int = 10) {
        configured = VersionedLimit(limit: limit, version: 1)
        claimant.tick(now: .at(0), into: &actions)
        readBack(at: 10)
    }

    var appended: [LimitRecord] {
        actions.compactMap { action in
            guard case .append(let bytes, _) = action else { return nil }
            return try? LimitRecord(decoding: bytes)
        }
    }

    var claims: [Claim] { appended.compactMap { if case .claim(let claim) = $0 { claim } else { nil } } }

    var answers: [PermitDecision] { actions.compactMap { if case .answer(_, let answer) = $0 { answer } else { nil } } }

    mutating func want(_ permits: Int = 1, at now: Int64) -> PermitDecision? {
        tickets += 1
        let wish = Wish(limitID: anyLimit, configured: configured, permits: permits, ticket: tickets)
        return claimant.want(wish, now: .at(now), into: &actions)
    }

    /// What was appended is stamped and read back at `now`.
    mutating func readBack(at now: Int64) {
        let records = appended
        actions = []
        for record in records { read(record, at: now) }
    }

    mutating func read(_ record: LimitRecord, at now: Int64) {
        _ = claimant.read(record.encoded(), offset: offset, timestamp: now, now: .at(now), into: &actions)
        offset += 1
    }

    /// Lets time pass, and what is sent meanwhile be read back.
    mutating func pass(to now: Int64) {
        claimant.tick(now: .at(now), into: &actions)
        readBack(at: now)
    }
}

@Suite("A process's claims")
struct ClaimantTests {
    @Test("before its own probe is read back it says that it is starting")
    func starting() {
        var claimant = Claimant(process: one, isWhole: true)
        var actions: [Action] = []
        let wish = Wish(limitID: anyLimit, configured: .init(limit: 10, version: 1), ticket: 1)
        #expect(claimant.want(wish, now: .at(0), into: &actions) == .unavailable(.starting))
    }

    @Test("requests that come while a claim is under way go together into the next")
    func coalescing() {
        var bench = Bench()
        for _ in 0..<4 { #expect(bench.want(at: 20) == nil) }
        #expect(bench.claims.map(\.need) == [1])
        bench.readBack(at: 25)
        #expect(bench.answers == [.granted])
        #expect(bench.claims.map(\.need) == [3])
        #expect(
            bench.claims[0].settlements == [
                Settlement(sequence: 1, part: .waiting, uses: [.init(ageSteps: 0, count: 1)])
            ])
        bench.readBack(at: 31)
        #expect(bench.answers == [.granted, .granted, .granted])
    }

    @Test("a busy limit is leased ahead, and from the lease permits are had at once")
    func leases() {
        var bench = Bench(limit: 300)
        for step in Int64(0)..<30 {
            _ = bench.want(at: 1_000 + step * 100)
            bench.readBack(at: 1_005 + step * 100)
        }
        let leased = bench.claimant.counts.leased
        #expect(leased > 10)
        // Ten a second, for 2 s and a quarter more: 25 at most.
        #expect(bench.claimant.counts.claims < 15)
    }

    @Test("no lease is asked for where less than one request is expected in 2 s")
    func quiet() {
        var bench = Bench()
        _ = bench.want(at: 1_000)
        #expect(bench.claims.map(\.extra) == [0])
        bench.readBack(at: 1_005)
        _ = bench.want(at: 3_000)
        #expect(bench.claims.map(\.extra) == [0])
    }

    @Test("a permit is good for 500 ms after its claim was sent, and for nobody later")
    func validity() {
        var bench = Bench()
        #expect(bench.want(at: 1_000) == nil)
        bench.claimant.abandon(ticket: bench.tickets, of: anyLimit)
        bench.readBack(at: 1_400)
        #expect(bench.want(at: 1_499) == .granted)

        var late = Bench()
        #expect(late.want(at: 1_000) == nil)
        late.claimant.abandon(ticket: late.tickets, of: anyLimit)
        late.readBack(at: 1_400)
        #expect(late.want(at: 1_500) == nil)
    }

    @Test("a part that ends with permits unused is settled at once, without waiting for a request")
    func unused() {
        var bench = Bench()
        _ = bench.want(at: 1_000)
        bench.claimant.abandon(ticket: bench.tickets, of: anyLimit)
        bench.readBack(at: 1_005)
        #expect(bench.claimant.nextTick == .at(1_500))
        bench.claimant.tick(now: .at(1_500), into: &bench.actions)
        #expect(bench.claims.map(\.need) == [0])
        #expect(bench.claims[0].settlements == [Settlement(sequence: 1, part: .waiting)])
    }

    @Test("a verdict that comes after 500 ms is settled as unused, and claimed for once more, then answered 503")
    func lateVerdict() {
        var bench = Bench()
        _ = bench.want(at: 1_000)
        bench.readBack(at: 1_600)
        #expect(bench.answers == [])
        #expect(bench.claims.map(\.need) == [1])
        #expect(bench.claims[0].settlements == [Settlement(sequence: 1, part: .waiting)])
        bench.readBack(at: 2_200)
        #expect(bench.answers == [.unavailable(.late)])
    }

    @Test("settlements are kept until they were read back, each sent again with its age at that sending")
    func keptSettlements() {
        var bench = Bench()
        _ = bench.want(at: 1_000)
        bench.readBack(at: 1_005)
        _ = bench.want(at: 1_100)
        #expect(bench.claims[0].settlements.map(\.uses) == [[.init(ageSteps: 9, count: 1)]])
        // That claim is lost, and so is its producer.
        bench.actions = []
        bench.claimant.tick(now: .at(6_100), into: &bench.actions)
        #expect(bench.actions.contains(.replaceProducer))
        #expect(bench.answers == [.unavailable(.late)])
        bench.actions = []
        bench.claimant.producerReplaced(now: .at(6_100), into: &bench.actions)
        bench.readBack(at: 6_105)
        _ = bench.want(at: 6_105)
        #expect(
            bench.claims[0].settlements == [
                Settlement(sequence: 1, part: .waiting, uses: [.init(ageSteps: 510, count: 1)]),
                Settlement(sequence: 2, part: .waiting), Settlement(sequence: 2, part: .leased),
            ])
    }

    @Test("what a replaced producer had under way is not used when it is read back after all")
    func replacedProducer() {
        var bench = Bench()
        _ = bench.want(at: 1_000)
        let lost = bench.claims[0]
        bench.actions = []
        bench.claimant.producerReplaced(now: .at(1_010), into: &bench.actions)
        let again = bench.claims
        #expect(again.map(\.sequence) == [2])
        #expect(
            again[0].settlements == [Settlement(sequence: 1, part: .waiting), Settlement(sequence: 1, part: .leased)])
        bench.actions = []
        bench.read(.claim(lost), at: 1_020)
        #expect(bench.answers == [])
        bench.read(.claim(again[0]), at: 1_030)
        #expect(bench.answers == [.granted])
        #expect(bench.claimant.replica.free(of: anyLimit, at: .at(2_000), configured: bench.configured) == 9)
    }

    @Test("a limit that is used up is refused here, without asking the partition again")
    func localRefusal() {
        var bench = Bench(limit: 2)
        for _ in 0..<2 { _ = bench.want(2, at: 1_000) }
        bench.readBack(at: 1_005)
        bench.readBack(at: 1_010)
        let claims = bench.claimant.counts.claims
        guard case .refused(let retryAt)? = bench.want(at: 1_020) else {
            Issue.record("not refused")
            return
        }
        #expect(bench.claimant.counts.claims == claims)
        // Used at 1,005, free after the window and ε; not announced for earlier.
        #expect((61_105...61_700).contains(retryAt.nanoseconds / 1_000_000))
    }

    @Test("a permit that comes within 250 ms is waited for, and claimed 10 ms after it should be there")
    func shortWait() {
        var bench = Bench(limit: 1)
        _ = bench.want(at: 1_000)
        bench.readBack(at: 1_000)
        for time in stride(from: Int64(3_000), through: 61_000, by: 2_000) { bench.pass(to: time) }
        // Charged until T 61,600: the claim was never settled by another.
        #expect(bench.want(at: 61_360) == nil)
        #expect(bench.claims == [])
        bench.claimant.tick(now: .at(61_599), into: &bench.actions)
        #expect(bench.claims == [])
        let due = bench.claimant.nextTick
        bench.claimant.tick(now: due, into: &bench.actions)
        #expect(bench.claims.map(\.need) == [1])
        bench.readBack(at: due.nanoseconds / 1_000_000 + 3)
        #expect(bench.answers == [.granted])
    }

    @Test("a batch is claimed alone and whole; one larger than the limit is refused outright")
    func batches() {
        var bench = Bench()
        #expect(bench.want(11, at: 1_000) == .tooMany(limit: 10))
        #expect(bench.want(at: 1_000) == nil)
        for permits in [4, 1, 1] { #expect(bench.want(permits, at: 1_001) == nil) }
        bench.readBack(at: 1_005)
        #expect(bench.claims.map(\.need) == [4])
        #expect(bench.claims[0].isWhole)
        bench.readBack(at: 1_010)
        #expect(bench.claims.map(\.need) == [2])
        #expect(!bench.claims[0].isWhole)
    }

    @Test("callers who come back before their time are counted, and reported every 10 s")
    func strikes() {
        var bench = Bench(limit: 1)
        _ = bench.want(at: 1_000)
        bench.readBack(at: 1_005)
        for time in Int64(0)..<5 { _ = bench.want(at: 1_100 + time) }
        #expect(bench.appended.isEmpty)
        bench.claimant.tick(now: .at(11_101), into: &bench.actions)
        let strikes = bench.appended.compactMap { if case .strike(let strike) = $0 { strike } else { nil } }
        // The first got the time to try again; the other four came back earlier.
        #expect(strikes == [Strike(limitID: anyLimit, process: one, limit: 1, count: 4)])
    }

    @Test("the process whose strikes cross the limit puts the restriction on control, no other")
    func restriction() {
        var bench = Bench()
        bench.read(.strike(Strike(limitID: anyLimit, process: two, limit: 10, count: 11)), at: 1_000)
        #expect(!bench.actions.contains(.restrict(anyLimit)))
        var other = Bench()
        other.read(.strike(Strike(limitID: anyLimit, process: one, limit: 10, count: 11)), at: 1_000)
        #expect(other.actions.contains(.restrict(anyLimit)))
    }

    @Test("a record of unknown rules stops everything, leases too")
    func unknownRules() {
        var bench = Bench()
        bench.claimant.unknownRules = 2
        #expect(bench.want(at: 1_000) == .unavailable(.unknownRules(2)))
        #expect(!bench.claimant.isReady)
    }

    @Test("a lost probe stops claims here and costs no producer, until nothing was read back for 30 s")
    func lostProbe() {
        var bench = Bench()
        bench.claimant.deliveryFailed(isProbe: true, now: .at(5_000), into: &bench.actions)
        #expect(bench.actions == [])
        #expect(bench.want(at: 5_001) == .unavailable(.away))
        bench.claimant.deliveryFailed(isProbe: true, now: .at(30_010), into: &bench.actions)
        #expect(bench.actions == [.replaceProducer])
    }

    @Test("a limit is closed when the log has forgotten the process's claims, and its numbers are not used again")
    func closing() {
        var bench = Bench()
        _ = bench.want(at: 1_000)
        bench.readBack(at: 1_005)
        for time in stride(from: Int64(3_000), through: 200_000, by: 2_000) { bench.pass(to: time) }
        #expect(bench.claimant.limits.count == 0)
        _ = bench.want(at: 200_001)
        #expect(bench.claims.map(\.sequence) == [2])
    }
}

@Suite("Fields of answers, and restrictions")
struct AnswerTests {
    @Test("an answer shows the limit, what is free, and when the next permit is")
    func fields() {
        let full = RateLimitFields(
            Standing(limit: 300, remaining: 0, nextPermitAt: .at(3_001)), now: .at(1_000), retryAfterSeconds: 3)
        #expect((full.limit, full.remaining, full.resetSeconds, full.retryAfterSeconds ?? 0) == (300, 0, 3, 3))
        let free = RateLimitFields(Standing(limit: 300, remaining: 212, nextPermitAt: nil), now: .at(1_000))
        #expect((free.resetSeconds, free.retryAfterSeconds) == (0, nil))
    }

    @Test("restrictions last 60, 300, then 900 s, and are forgiven 15 minutes after the last one ended")
    func restrictions() {
        var last: Restriction?
        var now: Milliseconds = 1_000
        for (level, span) in [(1, 60_000), (2, 300_000), (3, 900_000), (3, 900_000)] as [(Int, Milliseconds)] {
            let next = Restriction.next(after: last, now: now)
            #expect(next == Restriction(level: level, until: now + span))
            #expect(Restriction.next(after: next, now: now + span - 1) == nil)
            now += span + 900_000
            last = next
        }
        #expect(Restriction.next(after: last, now: now + 1)?.level == 1)
    }

    @Test("a limit's id is 32 hexadecimal digits, and its partition its first four bytes'")
    func ids() {
        let id = LimitID(hexadecimal: "000102030405060708090a0B0c0d0e0f")
        #expect(id?.description == "000102030405060708090a0b0c0d0e0f")
        #expect(id?.partition(of: 24) == Int32(0x0001_0203 % 24))
        for wrong in ["", "00", "000102030405060708090a0b0c0d0e0g", "000102030405060708090a0b0c0d0e0f0"] {
            #expect(LimitID(hexadecimal: wrong) == nil)
        }
    }
}
