/// Counts at places that are known beforehand, and their sums up to any place, each in logarithmic time (a Fenwick tree).
struct PrefixSums {
    /// Ascending.
    private let places: [Int64]
    private var tree: [Int]

    init(over places: [Int64]) {
        self.places = places.sorted()
        tree = Array(repeating: 0, count: places.count + 1)
    }

    /// - Parameter place: one of the places given.
    mutating func add(_ count: Int, at place: Int64) {
        var index = number(below: place) + 1
        while index < tree.count {
            tree[index] += count
            index += index & -index
        }
    }

    func sum(below place: Int64) -> Int {
        var index = number(below: place)
        var sum = 0
        while index > 0 {
            sum += tree[index]
            index -= index & -index
        }
        return sum
    }

    /// How many places are less than `place`.
    private func number(below place: Int64) -> Int {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
