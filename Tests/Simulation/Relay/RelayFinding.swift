/// What a simulation of intake and delivery is found guilty of.
public enum RelayFinding: Sendable, Equatable, CustomStringConvertible {
    /// A record whose effect never came.
    case lost(event: String, destination: String, why: String)
    /// An effect that no record asks for.
    case invented(event: String, destination: String)
    /// A second effect that nothing excuses, or of whose danger the second attempt was not told.
    case repeated(event: String, destination: String, why: String)
    /// An effect while an earlier event of its key was open.
    case inverted(event: String, before: String, destination: String)
    /// An effect after one of a later event of its key, without excuse.
    case stale(event: String, after: String, destination: String)
    /// An effect of an attempt that ran beyond its lease, and its process had not stood still.
    case beyondLease(row: Int64, lease: Int64, process: String)
    /// An outcome was written by who did not hold the row.
    case foreignOutcome(row: Int64, process: String, why: String)
    /// Records taken in twice, left out, or counted otherwise than they were taken in.
    case position(partition: Int, why: String)
    /// A process that would stop a partition, and nothing is wrong with it.
    case placeLost(process: String, String)
    /// Books that do not close.
    case books(destination: String, unaccounted: Int64, when: String)
    /// Something is still open long after faults have ceased.
    case notDrained(open: [String], unread: Int64)

    public var description: String {
        switch self {
        case .lost(let event, let destination, let why): "\(event) never had its effect at \(destination): \(why)"
        case .invented(let event, let destination): "\(destination) got \(event), which no record asks for"
        case .repeated(let event, let destination, let why): "\(event) had its effect twice at \(destination): \(why)"
        case .inverted(let event, let before, let destination):
            "\(event) had its effect at \(destination) while \(before), earlier of its key, was open"
        case .stale(let event, let after, let destination):
            "\(event) had its effect at \(destination) after that of \(after), later of its key"
        case .beyondLease(let row, let lease, let process):
            "row \(row) had its effect beyond lease \(lease) of \(process), which had not stood still"
        case .foreignOutcome(let row, let process, let why): "\(process) wrote an outcome of row \(row): \(why)"
        case .position(let partition, let why): "partition \(partition): \(why)"
        case .placeLost(let process, let why): "\(process) would stop a partition without need: \(why)"
        case .books(let destination, let unaccounted, let when):
            "the books of \(destination) differ by \(unaccounted) rows \(when)"
        case .notDrained(let open, let unread):
            "not at rest long after faults have ceased: \(unread) records unread, open \(open)"
        }
    }

    /// What a control expects one of.
    public enum Kind: Sendable, CaseIterable {
        case lost, invented, repeated, order, beyondLease, foreignOutcome, position, books, notDrained
    }

    public var kind: Kind {
        switch self {
        case .lost: .lost
        case .invented: .invented
        case .repeated: .repeated
        case .inverted, .stale: .order
        case .beyondLease: .beyondLease
        case .foreignOutcome: .foreignOutcome
        case .position, .placeLost: .position
        case .books: .books
        case .notDrained: .notDrained
        }
    }
}
