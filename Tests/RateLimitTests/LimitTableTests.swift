import Testing

@testable import RateLimit

@Suite("Values by limit")
struct LimitTableTests {
    /// Ids whose hashes meet again and again.
    private func id(_ number: UInt64) -> LimitID { LimitID(high: number, low: number % 37) }

    @Test("it holds what a dictionary would, whatever is added and removed in any order")
    func likeDictionary() {
        var chance = SeededChance(state: 5)
        var table = LimitTable<UInt64>()
        var dictionary: [LimitID: UInt64] = [:]
        for round in UInt64(0)..<20_000 {
            let id = id(.random(in: 0..<300, using: &chance))
            if let place = table.place(of: id) {
                #expect(table[place] == dictionary[id] && table.keys[place] == id)
                // It grows, shrinks and grows again.
                guard Bool.random(using: &chance) || round / 5_000 % 2 == 1 else { continue }
                table.remove(at: place)
                dictionary[id] = nil
            } else {
                #expect(dictionary[id] == nil)
                #expect(table[table.add(round, for: id)] == round)
                dictionary[id] = round
            }
        }
        #expect(table.count == dictionary.count)
        for number in UInt64(0)..<300 { #expect(table[id(number)] == dictionary[id(number)]) }
    }

    @Test("sweeping goes round the whole table, and leaves what is not over")
    func sweeping() {
        var table = LimitTable<UInt64>()
        for number in UInt64(0)..<100 { _ = table.add(number, for: id(number)) }
        for _ in 0..<100 { table.sweep(2) { $0 % 3 == 0 } }
        #expect(table.count == 66)
        for number in UInt64(0)..<100 { #expect((table[id(number)] == nil) == (number % 3 == 0)) }
    }
}
