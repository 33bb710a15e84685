import Orders

/// Reads a query's parameters, and gathers what is wrong with them, so that all of it is told in one answer.
struct Query: Sendable {
    private let pairs: [(name: String, value: String)]
    private var faults: [Refusal.Field] = []

    init(_ pairs: [(name: String, value: String)]) { self.pairs = pairs }

    /// nil where the parameter is absent or empty.
    func text(_ name: String) -> String? {
        guard let value = pairs.first(where: { $0.name == name })?.value, !value.isEmpty else { return nil }
        return value
    }

    /// The parameter turned into something by `parse`; what is none is a fault, and nil.
    mutating func value<Value>(_ name: String, expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = text(name) else { return nil }
        if let value = parse(text) { return value }
        faults.append(
            Refusal.Field(
                pointer: "/\(name)", code: "WRONG_\(name.uppercased())", expected: expected,
                got: String(text.prefix(40))))
        return nil
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>) -> Int? {
        value(name, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func instant(_ name: String) -> Timestamp? {
        value(name, expected: "an instant by ISO 8601 like 2026-11-24T09:30:00Z") { Timestamp(iso8601: $0) }
    }

    /// Throws where any parameter was wrong.
    func finish() throws(Refusal) {
        guard faults.isEmpty else {
            throw Refusal(422, .formatError, "The query has parameters that are not as they must be.", faults: faults)
        }
    }
}
