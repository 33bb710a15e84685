import Orders
import Testing

/// SplitMix64: one seed, one sequence.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite("Injured bodies and records")
struct MutationTests {
    static let shards: [[UInt8]] = [
        "null", "true", "0", "-1", "1e9", "\"\"", "\"x\"", "{}", "[]", ",", "\\n", "\\u0000", "\\ud83d\\ude42",
        "\"email\":", "\"price\":", "ї",
        "\"items\":[{}]", "9999999999999999999", " ", "@", "+38", "\u{2028}",
    ].map { Array($0.utf8) }

    private func injured(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            let end = min(bytes.count, place + Int.random(in: 0...12, using: &generator))
            switch Int.random(in: 0...3, using: &generator) {
            case 0: bytes.removeSubrange(place..<end)
            case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &generator))
            default: bytes.replaceSubrange(place..<end, with: Self.shards.randomElement(using: &generator)!)
            }
        }
        return bytes
    }

    @Test("whatever is taken is canonical: it reads as the same again, and comes back from the topic")
    func bodies() throws {
        var generator = SeededGenerator(state: 5)
        var takenCount = 0
        for round in 0..<20_000 {
            let body = injured(Array(fullBody.utf8), &generator)
            guard let draft = try? OrderDraft.read(body, settings: settings) else { continue }
            takenCount += 1
            let shown = "round \(round): \(String(decoding: body, as: UTF8.self))"
            #expect(try OrderDraft.read(CanonicalForm(draft).bytes, settings: settings) == draft, "\(shown)")
            let encoded = event(.created(draft)).encoded()
            #expect(
                try Event(headers: encoded.headerBytes, value: encoded.value).content == .created(draft), "\(shown)")
        }
        #expect(takenCount > 200)
    }

    @Test("an injured record is read or refused with its id, never more")
    func records() throws {
        var generator = SeededGenerator(state: 6)
        let encoded = event(.created(fullDraft)).encoded()
        var takenCount = 0
        for _ in 0..<10_000 {
            let value = injured(encoded.value, &generator)
            do {
                let event = try Event(headers: encoded.headerBytes, value: value)
                takenCount += 1
                #expect(event.order == orderID)
            } catch {
                switch error {
                case .malformed(let id, _), .newerSchema(let id, _): #expect(id == "e1")
                case .poison, .unknownType: Issue.record("\(error)")
                }
            }
        }
        #expect(takenCount > 100)
    }
}
