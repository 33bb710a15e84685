/// Values by limit, packed densely: an index beside one array, which is cheap to hold a million of and to sweep.
struct LimitTable<Value: Sendable>: Sendable {
    private var places: [LimitID: Int32] = [:]
    private(set) var keys: [LimitID] = []
    private var values: [Value] = []
    private var hand = 0

    var count: Int { keys.count }

    /// Where the value of `id` lies until the next removal.
    func place(of id: LimitID) -> Int? { places[id].map(Int.init) }

    subscript(place: Int) -> Value {
        get { values[place] }
        _modify { yield &values[place] }
    }

    subscript(id: LimitID) -> Value? { place(of: id).map { values[$0] } }

    /// Adds a value for `id`, which has none; its place.
    mutating func add(_ value: Value, for id: LimitID) -> Int {
        precondition(places.updateValue(Int32(values.count), forKey: id) == nil, "a limit has one value")
        keys.append(id)
        values.append(value)
        return values.count - 1
    }

    /// Removes the value at `place`; the last one takes its place.
    mutating func remove(at place: Int) {
        places[keys[place]] = nil
        let last = values.count - 1
        if place < last {
            keys[place] = keys[last]
            values[place] = values[last]
            places[keys[place]] = Int32(place)
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
}
