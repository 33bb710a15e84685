/// A statement's text as PostgreSQL takes it.
struct PostgreSQLText: Hashable, Sendable {
    let text: String
    var columns: [SQL.Column] = []
    /// Whether its changes are counted: see ``Statement/mustChange``.
    var isCounted = false

    struct Rendered: Sendable, Equatable {
        var text: String
        /// How many of the statement's values it takes; an array a column follows, and the count where it is counted.
        var valueCount: Int
        /// One of several texts of a statement may do without its rows.
        var takesRows = false
    }

    /// - Throws: ``DatabaseError/Code/statement`` where it is counted and returns rows.
    func rendered() throws(DatabaseError) -> Rendered {
        let valueCount = StatementText.parameterCount(of: text)
        var rendered = text
        var takesRows = false
        if !columns.isEmpty {
            let arrays = columns.enumerated().map { "$\(valueCount + 1 + $0.offset)::\($0.element.kind.arrayName)" }
            let names = columns.map(\.name).joined(separator: ", ")
            let source = "unnest(\(arrays.joined(separator: ", "))) AS"
            if let text = StatementText.replacingRows(in: text, by: { "\(source) \($0)(\(names))" }) {
                rendered = text
                takesRows = true
            }
        }
        if isCounted {
            guard text.firstMatch(of: /\bRETURNING\b/) == nil else {
                throw DatabaseError(
                    .statement, "must change rows, and returns some: \(DatabaseError.excerpt(text))", isRetriable: false
                )
            }
            let number = valueCount + (takesRows ? columns.count : 0) + 1
            rendered = """
                WITH f AS (\(rendered)
                RETURNING 1) SELECT 1 / (CASE WHEN count(*) = $\(number) THEN 1 ELSE 0 END) FROM f
                """
        }
        return Rendered(text: rendered, valueCount: valueCount, takesRows: takesRows)
    }
}

extension SQL.Column.Kind {
    fileprivate var arrayName: String {
        switch self {
        case .integer: "bigint[]"
        case .text: "text[]"
        case .blob: "bytea[]"
        }
    }

    /// The elements' type, as PostgreSQL numbers types.
    var oid: UInt32 {
        switch self {
        case .integer: 20
        case .text: 25
        case .blob: 17
        }
    }
}
