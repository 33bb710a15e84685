import Database

/// A statement that takes many rows of values at once.
///
/// Rows go in runs of 64, 32, 16, 8, 4, 2 and 1, so that a handful of texts serve any number and stay prepared.
struct RowsStatement: Sendable {
    static let rowsMax = 64

    /// The texts for 1, 2, 4 … 64 rows.
    let texts: [String]
    private let mustChangeAll: Bool

    /// - Parameters:
    ///   - before: what stands before the rows; `$1 … $fixed` appear first in it.
    ///   - fixed: how many values are the same for all rows.
    ///   - types: of each column of a row, `text`, `bigint` or `blob`; the first row of a run is cast to them,
    ///     since PostgreSQL cannot tell the types of values that stand in no table (there `blob` is a domain over bytea).
    ///   - after: what stands after the rows.
    ///   - mustChangeAll: each row must change one row.
    init(_ before: String, fixed: Int = 0, types: [String], after: String = "", mustChangeAll: Bool = false) {
        var texts: [String] = []
        var count = 1
        while count <= Self.rowsMax {
            var number = fixed
            let rows = (0..<count).map { row in
                let columns = types.map { type in
                    number += 1
                    return row == 0 ? "CAST($\(number) AS \(type))" : "$\(number)"
                }
                return "(\(columns.joined(separator: ", ")))"
            }
            texts.append("\(before)\n\(rows.joined(separator: ",\n"))\n\(after)")
            count *= 2
        }
        self.texts = texts
        self.mustChangeAll = mustChangeAll
    }

    /// As few statements as hold all rows, in their order.
    func statements(fixed: [Value] = [], rows: [[Value]]) -> [Statement] {
        var statements: [Statement] = []
        var next = 0
        while next < rows.count {
            let power = Self.exponent(atMost: rows.count - next)
            let count = 1 << power
            var values = fixed
            for row in rows[next..<(next + count)] { values += row }
            statements.append(Statement(texts[power], values, mustChange: mustChangeAll ? count : nil))
            next += count
        }
        return statements
    }

    /// Statements that ask for all of these, the last one's values repeated to the next power of two.
    func lookups(fixed: [Value] = [], of values: [Value]) -> [Statement] {
        stride(from: 0, to: values.count, by: Self.rowsMax).map { start in
            var run = Array(values[start..<min(start + Self.rowsMax, values.count)])
            var power = Self.exponent(atMost: run.count)
            if 1 << power < run.count { power += 1 }
            run += Array(repeating: run[run.count - 1], count: (1 << power) - run.count)
            return Statement(texts[power], fixed + run)
        }
    }

    private static func exponent(atMost count: Int) -> Int {
        min(Int.bitWidth - 1 - count.leadingZeroBitCount, rowsMax.trailingZeroBitCount)
    }
}
