/// The state of a delivery's row. The ledger's statements spell the names out, since a parameter would miss the partial
/// indexes.
public enum DeliveryState: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// To be attempted when it is due.
    case pending
    /// Leased to a process.
    case inFlight = "in_flight"
    /// The receiver has it.
    case done
    /// Given up: it will never be taken.
    case dead
    /// Held, and all that follows of its key, until someone decides.
    case parked
    /// Not to be delivered after all.
    case skipped

    /// The name in the ledger, in metrics and in answers.
    public var description: String { rawValue }
}
