import Testing

@testable import RateLimit

@Suite("A record's binary form")
struct CodecTests {
    static func random(_ chance: inout SeededChance) -> LimitRecord {
        let process = ProcessID(chance.next())
        let id = LimitID(high: chance.next(), low: chance.next())
        switch Int.random(in: 0..<6, using: &chance) {
        case 0:
            return .probe(
                Probe(process: process, sequence: .random(in: 1...1 << 40, using: &chance), alarmRemaining: 62_100))
        case 1: return .strike(Strike(limitID: id, process: process, limit: 300, count: 17))
        default:
            let sequence = UInt64.random(in: 2...1 << 50, using: &chance)
            var claim = Claim(
                limitID: id, process: process, sequence: sequence,
                configurationVersion: .random(in: 0...Int64.max, using: &chance),
                limit: .random(in: 1...Bounds.limit, using: &chance),
                need: .random(in: 0...Bounds.limit, using: &chance), isWhole: .random(using: &chance),
                extra: .random(in: 0...200, using: &chance), establishedAt: .random(in: 0...1 << 60, using: &chance))
            for _ in 0..<Int.random(in: 0...3, using: &chance) {
                var age: Int64 = 0
                let uses = (0..<Int.random(in: 0...5, using: &chance)).map { index in
                    age += .random(in: (index == 0 ? 0 : 1)...300, using: &chance)
                    return Settlement.Use(ageSteps: age, count: .random(in: 1...500, using: &chance))
                }
                claim.settlements.append(
                    Settlement(
                        sequence: sequence - .random(in: 1...sequence - 1, using: &chance),
                        part: .random(using: &chance) ? .leased : .waiting, uses: uses))
            }
            if Bool.random(using: &chance) { claim.digest = StateDigest(offset: 9_999, bits: chance.next()) }
            if Bool.random(using: &chance) { claim.checkpoint = Checkpoint(asOf: 123_456, form: [1, 2, 3]) }
            return .claim(claim)
        }
    }

    @Test("what was written is read")
    func roundTrip() throws {
        var chance = SeededChance(state: 1)
        for _ in 0..<2_000 {
            let record = Self.random(&chance)
            #expect(try LimitRecord(decoding: record.encoded()) == record)
        }
    }

    @Test("the bytes are those in the documentation")
    func pinned() {
        var claim = Claim.of(
            ProcessID(0x0102_0304_0506_0708), 5, need: 2, extra: 300, limit: 300, version: 1,
            settles: [Settlement(sequence: 4, part: .leased, uses: [.init(ageSteps: 3, count: 1)])])
        claim.limitID = LimitID(high: 0xA0A1_A2A3_A4A5_A6A7, low: 0xB0B1_B2B3_B4B5_B6B7)
        claim.digest = StateDigest(offset: 1, bits: 0xC0C1_C2C3_C4C5_C6C7)
        claim.checkpoint = Checkpoint(asOf: 200, form: [0])
        let expected: [UInt8] =
            [0x52, 1, 1] + (0xA0...0xA7) + (0xB0...0xB7) + (1...8)
            + [5, 1, 0xAC, 2, 2, 0xAC, 2, 6] + [1, 1, 1, 1, 3, 1] + [0] + [1] + (0xC0...0xC7) + [0xC8, 1, 1, 0]
        #expect(LimitRecord.claim(claim).encoded() == expected)
        #expect(
            LimitRecord.probe(Probe(process: ProcessID(1), sequence: 2, alarmRemaining: 3)).encoded()
                == [0x52, 1, 2, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3])
    }

    @Test("a record cut short, or with a byte too many, is refused at that byte")
    func lengths() {
        var chance = SeededChance(state: 2)
        for _ in 0..<100 {
            let bytes = Self.random(&chance).encoded()
            for length in 1..<bytes.count {
                #expect(throws: RecordFault.self) { try LimitRecord(decoding: Array(bytes[..<length])) }
            }
            #expect(throws: RecordFault.self) { try LimitRecord(decoding: bytes + [0]) }
        }
    }

    @Test("rules of another version are refused loudly, and what is not ours is skipped")
    func versions() {
        var bytes = LimitRecord.probe(Probe(process: one, sequence: 1)).encoded()
        bytes[1] = 2
        var replica = PartitionReplica(isWhole: true)
        guard case .unknownRules(2) = replica.read(bytes, offset: 0, timestamp: 0) else {
            Issue.record("rules 2 were not noticed")
            return
        }
        for foreign: [UInt8]? in [nil, [], Array("{\"a\":1}".utf8)] {
            guard case .skipped(.foreign) = replica.read(foreign, offset: 1, timestamp: 0) else {
                Issue.record("\(String(describing: foreign)) was not skipped")
                return
            }
        }
    }

    @Test("any bytes are read or refused, and what is read is written the same")
    func mutations() throws {
        var chance = SeededChance(state: 3)
        var read = 0
        for _ in 0..<20_000 {
            var bytes = Self.random(&chance).encoded()
            for _ in 0..<Int.random(in: 1...3, using: &chance) {
                bytes[Int.random(in: 0..<bytes.count, using: &chance)] = UInt8.random(in: 0...255, using: &chance)
            }
            guard let record = try? LimitRecord(decoding: bytes) else { continue }
            read += 1
            #expect(record.encoded() == bytes)
        }
        #expect(read > 1_000)
    }

    @Test("a number that is longer than it must be is refused")
    func shortestForm() {
        let good = LimitRecord.probe(Probe(process: one, sequence: 1)).encoded()
        #expect(throws: RecordFault.self) { try LimitRecord(decoding: good.dropLast(2) + [0x81, 0x00, 0]) }
    }

    @Test("numbers beyond their bounds are refused")
    func bounds() {
        for (limit, need) in [(0, 1), (Bounds.limit + 1, 1), (1, Bounds.limit + 1)] {
            let bytes = LimitRecord.claim(.of(one, 1, need: need, limit: limit)).encoded()
            #expect(throws: RecordFault.self) { try LimitRecord(decoding: bytes) }
        }
    }

    @Test("a state comes back from its form, and has the same form")
    func states() throws {
        var chance = SeededChance(state: 4)
        for _ in 0..<200 {
            var state = LimitReplica()
            var time: Milliseconds = 0
            for sequence in 1...UInt64.random(in: 1...60, using: &chance) {
                time += .random(in: 0...3_000, using: &chance)
                let process = ProcessID(.random(in: 1...4, using: &chance))
                let uses = [Settlement.Use(ageSteps: .random(in: 0...200, using: &chance), count: 1)]
                let settles =
                    sequence > 4 ? [Settlement(sequence: sequence - 4, part: .waiting, uses: uses)] : []
                let claim = Claim.of(process, sequence, need: 1, extra: 2, limit: 40, settles: settles)
                _ = state.apply(claim, at: time)
            }
            let later = LogTime.at(time + .random(in: 0...70_000, using: &chance))
            let form = state.form(at: later, rules: .standard)
            let elsewhere = LogTime.at(.random(in: -1_000_000...1_000_000, using: &chance))
            let copy = try LimitReplica(form: form, at: elsewhere)
            #expect(copy.form(at: elsewhere, rules: .standard) == form)
            for length in 0..<form.count {
                #expect(throws: RecordFault.self) { try LimitReplica(form: Array(form[..<length]), at: .zero) }
            }
        }
    }
}
