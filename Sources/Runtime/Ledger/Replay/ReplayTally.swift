import Orders

/// How many rows a replay is about, by what they are and what would become of them.
public struct ReplayTally: Sendable, Equatable {
    /// Rows alike.
    public struct Line: Sendable, Hashable {
        public var worker: String
        public var destination: Destination
        public var state: DeliveryState
        /// What the row's reason begins with; ``others`` for what there was no line left for.
        public var reason: String
        public var fate: ReplayFate
    }

    /// Lines at most; what comes after them is counted under the reason ``others``.
    static let linesMaximum = 200
    /// Rows that are named.
    public static let namedMaximum = 100
    /// Of a reason, in characters.
    static let reasonCharactersMaximum = 80
    public static let others = "others"

    public private(set) var counts: [Line: Int] = [:]
    /// The first rows that would be left out.
    public private(set) var leftOut: [LeftOutRow] = []

    public init() {}

    public var total: Int { counts.values.reduce(0, +) }

    public func count(_ fate: ReplayFate) -> Int {
        counts.reduce(0) { $0 + ($1.key.fate == fate ? $1.value : 0) }
    }

    /// The most first; of equal ones by name.
    public var lines: [(line: Line, count: Int)] {
        counts.map { (line: $0.key, count: $0.value) }.sorted { one, other in
            (-one.count, one.line.worker, one.line.destination, one.line.fate.rawValue, one.line.reason)
                < (-other.count, other.line.worker, other.line.destination, other.line.fate.rawValue, other.line.reason)
        }
    }

    mutating func add(_ row: ReplayCandidate, _ fate: ReplayFate) {
        var line = Line(
            worker: row.worker, destination: row.destination, state: row.state,
            reason: String(row.reason.prefix(Self.reasonCharactersMaximum)), fate: fate)
        if counts[line] == nil, counts.count >= Self.linesMaximum { line.reason = Self.others }
        counts[line, default: 0] += 1
        guard fate != .replayed, leftOut.count < Self.namedMaximum else { return }
        leftOut.append(
            LeftOutRow(
                order: row.key, event: row.eventID, worker: row.worker, destination: row.destination, state: row.state,
                fate: fate))
    }

    /// As it was kept.
    init(counts: [Line: Int]) { self.counts = counts }
}
