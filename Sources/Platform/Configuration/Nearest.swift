/// The candidate that `name` is probably a misspelling of: the one with the fewest edits, at most `edits`; nil if none
/// is that close, or if `name` is so short that so many edits would turn it into anything.
public func nearest(to name: String, among candidates: some Sequence<String>, edits: Int = 2) -> String? {
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let distance = editDistance(name, candidate, atMost: edits)
        guard distance <= edits, distance < max(name.utf8.count, candidate.utf8.count) - 1 else { continue }
        if best == nil || distance < best!.distance { best = (candidate, distance) }
    }
    return best?.name
}

/// How many insertions, deletions, replacements and swaps of neighbours turn one name into the other; `atMost + 1`
/// stands for all above `atMost`. (Optimal string alignment.)
func editDistance(_ one: String, _ other: String, atMost: Int) -> Int {
    let a = Array(one.utf8)
    let b = Array(other.utf8)
    guard abs(a.count - b.count) <= atMost else { return atMost + 1 }
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 1...a.count {
        var row = [i]
        row.reserveCapacity(b.count + 1)
        for j in 1...b.count {
            let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
            var least = min(replaced, last[j] + 1, row[j - 1] + 1)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { least = min(least, beforeLast[j - 2] + 1) }
            row.append(least)
        }
        beforeLast = last
        last = row
    }
    return min(last[b.count], atMost + 1)
}
