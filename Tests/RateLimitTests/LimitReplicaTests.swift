import Testing

@testable import RateLimit

@Suite("A limit's state, rule by rule")
struct LimitReplicaTests {
    @Test("what is needed is granted as far as it is there")
    func grants() {
        var state = LimitReplica()
        #expect(state.apply(.of(one, 1, need: 7), at: 0) == .granted(7))
        #expect(state.apply(.of(two, 1, need: 7), at: 1) == .granted(3))
        #expect(state.apply(.of(one, 2, need: 1), at: 2) == .granted(0))
    }

    @Test("an unsettled grant is charged until v + W' after its claim, and not a millisecond longer")
    func charge() {
        var state = LimitReplica()
        _ = state.apply(.of(one, 1, need: 10), at: 0)
        #expect(state.apply(.of(two, 1, need: 10), at: 60_599) == .granted(0))
        #expect(state.apply(.of(two, 2, need: 10), at: 60_600) == .granted(10))
    }

    @Test("a lease is charged until d + W' after its claim")
    func leaseCharge() {
        var state = LimitReplica()
        #expect(state.apply(.of(one, 1, need: 1, extra: 4), at: 0) == .granted(1, extra: 4))
        #expect(state.apply(.of(two, 1, need: 9), at: 1) == .granted(5))
        #expect(state.apply(.of(two, 2, need: 9), at: 60_600) == .granted(1))
        #expect(state.apply(.of(two, 3, need: 9), at: 62_099) == .granted(5))
        #expect(state.apply(.of(two, 4, need: 9), at: 62_100) == .granted(4))
    }

    @Test("a batch is granted whole or not at all")
    func whole() {
        var state = LimitReplica()
        _ = state.apply(.of(one, 1, need: 6), at: 0)
        #expect(state.apply(.of(one, 2, need: 5, whole: true), at: 1) == .granted(0))
        #expect(state.apply(.of(one, 3, need: 4, whole: true), at: 2) == .granted(4))
    }

    @Test("ahead a process is granted its share of half of the rest")
    func shares() {
        var state = LimitReplica()
        // One process: half of the 9 that are left.
        #expect(state.apply(.of(one, 1, need: 1, extra: 100), at: 0) == .granted(1, extra: 4))
        // Two claimed within 4 s: a quarter of the 4 that are left.
        #expect(state.apply(.of(two, 1, need: 1, extra: 100), at: 4_000) == .granted(1, extra: 1))
        // The first one's claim is 4.001 s old: it shares no more; of 2 left after need the half is 1.
        #expect(state.apply(.of(two, 2, need: 1, extra: 100), at: 4_001) == .granted(1, extra: 1))
        // One is left: no rest to share.
        #expect(state.apply(.of(two, 3, need: 0, extra: 100), at: 4_002) == .granted(0))
    }

    @Test("a settlement frees what was not used, and the rest when its use leaves the window")
    func settlement() {
        var state = LimitReplica()
        _ = state.apply(.of(one, 1, need: 10), at: 1_000)
        let settles = [Settlement(sequence: 1, part: .waiting, uses: [.init(ageSteps: 5, count: 4)])]
        #expect(state.apply(.of(one, 2, need: 10, settles: settles), at: 1_200) == .granted(6))
        // Used 50 ms before T 1,200: free at 1,150 + W'.
        #expect(state.apply(.of(two, 1, need: 4), at: 61_249) == .granted(0))
        #expect(state.apply(.of(two, 2, need: 4), at: 61_250) == .granted(4))
    }

    @Test("no settlement frees a permit before a window after its claim, nor later than it was charged for")
    func settlementBounds() {
        var state = LimitReplica()
        _ = state.apply(.of(one, 1, need: 5), at: 1_000)
        _ = state.apply(.of(two, 1, need: 5), at: 1_000)
        let early = [Settlement(sequence: 1, part: .waiting, uses: [.init(ageSteps: 100_000, count: 5)])]
        let late = [Settlement(sequence: 1, part: .waiting, uses: [.init(ageSteps: 0, count: 5)])]
        _ = state.apply(.of(one, 2, need: 0, settles: early), at: 5_000)
        _ = state.apply(.of(two, 2, need: 0, settles: late), at: 5_000)
        #expect(state.apply(.of(one, 3, need: 10), at: 61_099) == .granted(0))
        #expect(state.apply(.of(one, 4, need: 10), at: 61_100) == .granted(5))
        #expect(state.apply(.of(one, 5, need: 10), at: 61_600) == .granted(5))
    }

    @Test("a settlement of what is not there any more changes nothing")
    func settlementOnce() {
        var state = LimitReplica()
        _ = state.apply(.of(one, 1, need: 10), at: 0)
        let used = [Settlement(sequence: 1, part: .waiting, uses: [.init(ageSteps: 0, count: 10)])]
        let unused = [Settlement(sequence: 1, part: .waiting)]
        _ = state.apply(.of(one, 2, need: 0, settles: used), at: 10)
        #expect(state.apply(.of(one, 3, need: 10, settles: unused), at: 20) == .granted(0))
        // Nor has another process a say in it.
        #expect(state.apply(.of(two, 4, need: 10, settles: unused), at: 20) == .granted(0))
    }

    @Test("a repeated record changes nothing but that the limit is remembered longer")
    func duplicates() {
        var state = LimitReplica()
        let claim = Claim.of(one, 1, need: 4)
        _ = state.apply(claim, at: 0)
        #expect(state.apply(claim, at: 50_000) == .repeated)
        #expect(state.apply(.of(one, 2, need: 10), at: 60_000) == .granted(6))
        #expect(state.apply(.of(one, 1, need: 10), at: 60_000).isRepeated)
        // Silent for W' + d, it is still remembered; a millisecond more, and it is not.
        #expect(state.apply(.of(one, 2, need: 1), at: 122_100).isRepeated)
        #expect(!state.apply(.of(one, 2, need: 1), at: 184_201).isRepeated)
    }

    @Test("a process that made no claim for longer than W' + d is forgotten before its sequence number is compared")
    func gone() {
        var state = LimitReplica()
        _ = state.apply(.of(one, 9, need: 1), at: 0)
        _ = state.apply(.of(two, 1, need: 1), at: 40_000)
        #expect(state.apply(.of(one, 9, need: 1), at: 62_100).isRepeated)
        #expect(!state.apply(.of(one, 9, need: 1), at: 62_101).isRepeated)
    }

    @Test("a newer configuration comes into force, an older one does not")
    func configuration() {
        var state = LimitReplica()
        _ = state.apply(.of(one, 1, need: 10, limit: 10, version: 1), at: 0)
        #expect(state.apply(.of(two, 1, need: 10, limit: 15, version: 2), at: 1) == .granted(5))
        #expect(state.apply(.of(one, 2, need: 10, limit: 99, version: 1), at: 2) == .granted(0))
        #expect(state.apply(.of(one, 3, need: 10, limit: 3, version: 3), at: 60_700) == .granted(3))
    }

    @Test("the order in which processes came makes no difference to the form")
    func canonical() {
        var (state, other) = (LimitReplica(), LimitReplica())
        _ = state.apply(.of(one, 1, need: 1), at: 0)
        _ = state.apply(.of(two, 1, need: 1), at: 0)
        _ = other.apply(.of(two, 1, need: 1), at: 0)
        _ = other.apply(.of(one, 1, need: 1), at: 0)
        #expect(state.digest(at: .at(5), rules: .standard) == other.digest(at: .at(5), rules: .standard))
        #expect(state.digest(at: .at(5), rules: .standard) != state.digest(at: .at(6), rules: .standard))
    }
}
