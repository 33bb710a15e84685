/// Values by limit, packed densely: an index beside one array, which is cheap to hold a million of and to sweep.
///
/// The index is open-addressed, and takes the ids' own bits for their hash: they are random, and made by us. It costs a
/// third of what the standard library's dictionary does, which is asked several times for each request.
struct LimitTable<Value: Sendable>: Sendable {
    /// Places by hash; −1 for an empty slot. A power of two, never more than three quarters full.
    private var slots = [Int32](repeating: -1, count: 8)
    private(set) var keys: [LimitID] = []
    private var values: [Value] = []
    private var hand = 0

    var count: Int { keys.count }

    /// Where the value of `id` lies until the next removal.
    func place(of id: LimitID) -> Int? {
        let place = slots[slot(of: id)]
        return place < 0 ? nil : Int(place)
    }

    subscript(place: Int) -> Value {
        get { values[place] }
        _modify { yield &values[place] }
    }

    subscript(id: LimitID) -> Value? { place(of: id).map { values[$0] } }

    /// Adds a value for `id`, which has none; its place.
    mutating func add(_ value: Value, for id: LimitID) -> Int {
        if (keys.count + 1) * 4 > slots.count * 3 { grow() }
        let slot = slot(of: id)
        precondition(slots[slot] < 0, "a limit has one value")
        slots[slot] = Int32(keys.count)
        keys.append(id)
        values.append(value)
        return values.count - 1
    }

    /// Removes the value at `place`; the last one takes its place.
    mutating func remove(at place: Int) {
        empty(slot(of: keys[place]))
        let last = values.count - 1
        if place < last {
            slots[slot(of: keys[last])] = Int32(place)
            keys[place] = keys[last]
            values[place] = values[last]
        }
        keys.removeLast()
        values.removeLast()
    }

    /// Looks at the next few values in turn and removes those that are over: called for each record, it goes round the
    /// whole table without ever taking long.
    mutating func sweep(_ steps: Int, isOver: (Value) -> Bool) {
        for _ in 0..<min(steps, values.count) {
            if hand >= values.count { hand = 0 }
            if isOver(values[hand]) { remove(at: hand) } else { hand += 1 }
        }
    }

    // MARK: The index

    private func home(of id: LimitID) -> Int { Int(truncatingIfNeeded: id.low) & (slots.count - 1) }

    /// The slot in which an id's place is, or the empty one in which it would be.
    private func slot(of id: LimitID) -> Int {
        var slot = home(of: id)
        while slots[slot] >= 0, keys[Int(slots[slot])] != id { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    /// Empties a slot, and moves those after it nearer to their homes, so that none is cut off from its own.
    private mutating func empty(_ slot: Int) {
        let mask = slots.count - 1
        var hole = slot
        var next = (slot + 1) & mask
        while slots[next] >= 0 {
            let distance = (next - home(of: keys[Int(slots[next])])) & mask
            if distance >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = -1
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for (place, key) in keys.enumerated() { slots[slot(of: key)] = Int32(place) }
    }
}
