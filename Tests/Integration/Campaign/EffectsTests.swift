import Testing

/// A campaign finds what it looks for.
@Suite("What a campaign notices") struct EffectsTests {
    @Test("an order without its message, or whose deal shows an older change, is missing")
    func missing() {
        let effects = Effects()
        for number in 1...3 { effects.accepted(number, version: 0) }
        effects.accepted(3, version: 2)
        for number in 1...3 { effects.synced(amount: Effects.amount(number, version: 0)) }
        for number in 2...3 { effects.confirmed(Effects.buyer(number), messageID: "<\(number)>") }
        #expect(effects.missing(of: effects.acceptedNow) == [1, 3])
        effects.confirmed(Effects.buyer(1), messageID: "<1>")
        effects.synced(amount: Effects.amount(3, version: 2))
        #expect(effects.missing(of: effects.acceptedNow).isEmpty && effects.tally == .init())
    }

    @Test("a second message is doubled, and one with another Message-ID is another message")
    func doubled() {
        let effects = Effects()
        for id in ["<a>", "<a>", "<b>"] { effects.confirmed(Effects.buyer(7), messageID: id) }
        #expect(effects.tally == .init(doubled: 2) && effects.withDifferentMessageIDs == [7])
    }

    @Test("an update after a newer one is inverted, the same once more is not")
    func inverted() {
        let effects = Effects()
        for version in [0, 1, 1, 2, 1] { effects.synced(amount: Effects.amount(17, version: version)) }
        #expect(effects.tally == .init(inverted: 1))
    }

    @Test("what a standby knew as done and was done again is found, what it did not know is not")
    func beyondLag() {
        let seen = Effects.Seen(messages: [1: 1, 2: 1, 3: 1], writes: [1: 1, 2: 3, 4: 2])
        let lag = StandbyLag(confirmed: [1: 1, 2: 1], synced: [1: 1, 2: 3, 4: 2], seen: seen)
        #expect(lag.repeatedBeyond(seen).isEmpty)
        // Order 3 was confirmed in the lag, and order 4 was still to be changed.
        #expect(lag.repeatedBeyond(.init(messages: [1: 1, 2: 1, 3: 2], writes: [1: 1, 2: 3, 4: 3])).isEmpty)
        #expect(lag.repeatedBeyond(.init(messages: [1: 2, 2: 1, 3: 1], writes: [1: 1, 2: 4, 4: 2])) == [1, 2])
    }
}
