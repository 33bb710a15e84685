/// The lines of an order as a form names them: `items[0][title]`, `items[48213][title]`, `items[first][title]`, and
/// `items[][title]`, by which PHP says "the next one".
struct FormLines {
    /// What stands in the brackets of one line.
    enum Key: Hashable {
        case number(Int)
        case name(Substring)
        /// The nth without a name.
        case next(Int)
    }

    private var lines: [Key: ItemFields] = [:]
    private var order: [Key] = []
    /// The fields that the line without a name has: one that comes again begins another line.
    private var fieldsOfNext: Set<ItemField> = []
    private var nextCount = 0

    var count: Int { order.count }

    /// The first rules took numbers of lines below 200, and nothing else.
    func isOfFirstRules(_ bracket: Substring) -> Bool {
        Int(bracket).map { 0..<DraftReader.itemsMaximum ~= $0 } ?? false
    }

    /// The line that a field belongs to; created on first use.
    mutating func key(_ bracket: Substring, _ field: ItemField) -> Key {
        let key: Key
        if bracket.isEmpty {
            if nextCount == 0 || fieldsOfNext.contains(field) {
                nextCount += 1
                fieldsOfNext = []
            }
            fieldsOfNext.insert(field)
            key = .next(nextCount)
        } else if let number = Int(bracket), number >= 0, "\(number)" == bracket || bracket.first != "+" {
            key = .number(number)
        } else {
            key = .name(bracket)
        }
        if lines[key] == nil {
            lines[key] = ItemFields(index: order.count)
            order.append(key)
            if case .number(let number) = key { lines[key]?.index = number }
        }
        return key
    }

    subscript(_ key: Key) -> ItemFields {
        get { lines[key] ?? ItemFields(index: 0) }
        set { lines[key] = newValue }
    }

    /// What faults call the line: its own number, else its place.
    func number(of key: Key) -> Int { self[key].index }

    /// By number if all have one, else in order of appearance.
    var inOrder: [ItemFields] {
        let numbers = order.compactMap { if case .number(let number) = $0 { number } else { nil } }
        if numbers.count == order.count { return numbers.sorted().compactMap { lines[.number($0)] } }
        return order.compactMap { lines[$0] }
    }
}
