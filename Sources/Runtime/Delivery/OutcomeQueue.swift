package import Ledger

/// Outcomes that wait to be written: one batch is on its way at a time, and what gathers meanwhile is the next. Pure.
package struct OutcomeQueue {
    /// Outcomes of one transaction.
    static let batchMaximum = 200

    private var waiting: [Completion] = []
    /// Whether somebody writes: whoever is told so by ``add(_:)`` asks for ``next()`` until it is nil.
    package private(set) var isWriting = false

    package init() {}

    /// - Returns: whether nobody writes yet: whoever adds must then begin.
    package mutating func add(_ completions: [Completion]) -> Bool {
        if completions.isEmpty { return false }
        waiting += completions
        defer { isWriting = true }
        return !isWriting
    }

    /// The next batch; nil when there is nothing more to write.
    package mutating func next() -> [Completion]? {
        guard !waiting.isEmpty else {
            isWriting = false
            return nil
        }
        let batch = Array(waiting.prefix(Self.batchMaximum))
        waiting.removeFirst(batch.count)
        return batch
    }
}
