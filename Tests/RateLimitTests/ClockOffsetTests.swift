import Testing

@testable import RateLimit

@Suite("How far brokers' clocks are apart")
struct ClockOffsetTests {
    /// A clock that is `ahead` of the own one; each record is stamped half-way through a read-back of `takes`.
    private func offset(ahead: Milliseconds, takes: Milliseconds, from start: Milliseconds = 0) -> ClockOffset {
        var offset = ClockOffset()
        note(ahead: ahead, takes: takes, from: start, in: &offset)
        return offset
    }

    private func note(ahead: Milliseconds, takes: Milliseconds, from start: Milliseconds, in offset: inout ClockOffset)
    {
        for sent in stride(from: start, to: start + 20_000, by: 2_000) {
            offset.note(sent + takes / 2 + ahead, sentAt: .at(sent), readAt: .at(sent + takes))
        }
    }

    private func spread(_ offsets: ClockOffset...) -> Milliseconds {
        ClockOffset.spread(of: offsets.compactMap(\.bounds)) / 1_000_000
    }

    @Test("clocks that show the same are not apart, however slow a read-back is")
    func same() {
        #expect(spread(offset(ahead: 7, takes: 4), offset(ahead: 7, takes: 4_000), offset(ahead: 7, takes: 2)) == 0)
        #expect(spread(ClockOffset(), offset(ahead: 1_000_000, takes: 2)) == 0, "one clock alone is apart from none")
        #expect(ClockOffset.spread(of: []) == 0)
    }

    @Test("clocks that are apart are so by what the fastest read-backs allow to say")
    func apart() {
        let all = spread(offset(ahead: -40, takes: 4), offset(ahead: 0, takes: 4), offset(ahead: 60, takes: 6))
        #expect((94...100).contains(all), "\(all)")
        #expect(spread(offset(ahead: 0, takes: 4), offset(ahead: 60, takes: 4_000)) == 0, "that may be the read-back's")
    }

    @Test("a clock that was set, or another leader's, is known by its own stamps at once")
    func set() {
        var other = offset(ahead: 0, takes: 4)
        note(ahead: 5_000, takes: 4, from: 20_000, in: &other)
        #expect((4_990...5_000).contains(spread(offset(ahead: 0, takes: 4), other)))
        note(ahead: 0, takes: 4, from: 40_000, in: &other)
        #expect(spread(offset(ahead: 0, takes: 4), other) == 0)
    }

    @Test("what is a minute old says nothing any more")
    func forgotten() {
        // A clock that loses 10 ms in 20 s is never caught at it by one sample, and yet followed.
        var slow = ClockOffset()
        for round in Int64(0)..<20 { note(ahead: -10 * round, takes: 30, from: round * 20_000, in: &slow) }
        let apart = spread(offset(ahead: 0, takes: 2), slow)
        #expect((140...205).contains(apart), "\(apart)")
    }
}
