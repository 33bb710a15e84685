/// Who holds the ledger's locks, and who waits for them, first come first served.
struct LockTable {
    private struct Waiter {
        var transaction: Int
        var isShared: Bool
    }
    private struct Entry {
        var holders: Set<Int> = []
        var isShared = true
        var waiting: [Waiter] = []
    }

    private var entries: [Lock.Name: Entry] = [:]

    /// - Returns: whether it is had at once; else the transaction is named by a ``release(_:)`` later.
    mutating func acquire(_ lock: Lock, for transaction: Int) -> Bool {
        var entry = entries[lock.name, default: Entry()]
        defer { entries[lock.name] = entry }
        if entry.waiting.isEmpty, entry.holders.isEmpty || (lock.isShared && entry.isShared) {
            entry.holders.insert(transaction)
            entry.isShared = lock.isShared
            return true
        }
        entry.waiting.append(Waiter(transaction: transaction, isShared: lock.isShared))
        return false
    }

    /// The transaction ends, or waits no longer.
    /// - Returns: the transactions that have now got what they waited for.
    mutating func release(_ transaction: Int, _ locks: [Lock]) -> [Int] {
        var woken: [Int] = []
        for lock in locks {
            guard var entry = entries[lock.name] else { continue }
            entry.holders.remove(transaction)
            entry.waiting.removeAll { $0.transaction == transaction }
            while let first = entry.waiting.first, entry.holders.isEmpty || (first.isShared && entry.isShared) {
                entry.waiting.removeFirst()
                entry.holders.insert(first.transaction)
                entry.isShared = first.isShared
                woken.append(first.transaction)
            }
            entries[lock.name] = entry
        }
        return woken
    }
}
