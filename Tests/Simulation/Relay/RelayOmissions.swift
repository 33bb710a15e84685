/// Protections that can be taken away, one by one, to see harm come of it.
///
/// Each is a mistake that someone could make in good faith; the simulator must catch every one of them.
public struct RelayOmissions: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    private init(_ bit: UInt32) { rawValue = 1 << bit }

    /// The position is committed before the rows, in a transaction of its own.
    public static let oneTransaction = RelayOmissions(0)
    /// A batch is taken in whatever the position is by then.
    public static let fence = RelayOmissions(1)
    /// An outcome is written whoever holds the row by then.
    public static let leaseCheck = RelayOmissions(2)
    /// A row is taken although an earlier one of its key is open.
    public static let keyOrder = RelayOmissions(3)
    /// A lease counts from the take's answer, not from its sending.
    public static let leaseFromSending = RelayOmissions(4)
    /// What is left of the lease is not looked at when the attempt is sent.
    public static let checkAtSend = RelayOmissions(5)
    /// A replay opens rows without the lock of their destination.
    public static let replayLock = RelayOmissions(6)
    /// A replay opens rows although a later one of their key was attempted.
    public static let superseded = RelayOmissions(7)
    /// A prune removes rows and leaves `removed` as it is.
    public static let removedCounter = RelayOmissions(8)
    /// A prune removes events that rows still need.
    public static let neededEvents = RelayOmissions(9)
    /// A row that was taken from a process is attempted again without the doubt about its last attempt.
    public static let doubt = RelayOmissions(10)
}
