/// Rules that can be switched off, one by one, to show that over-admission or disagreement follows.
///
/// Each is a mistake that someone could make in good faith. The simulator must catch every one of them
/// (`Tests/Simulation`); the program never omits any.
public struct Omissions: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    private init(_ bit: UInt32) { rawValue = 1 << bit }

    /// Permits count as valid from the verdict's receipt, not from the claim's sending.
    public static let validityFromSending = Omissions(0)
    /// A settlement's ages are rounded up, not down.
    public static let agesRoundedDown = Omissions(1)
    /// Leased permits are charged for the window only, not for the lease time too.
    public static let leaseCharge = Omissions(2)
    /// A replica counts as established from its first record on: it starts from nothing and takes no checkpoint.
    public static let establishment = Omissions(3)
    /// Records between a checkpoint's offset and its own are not applied to it again.
    public static let reapplication = Omissions(4)
    /// A silent limit or process is forgotten after 30 s.
    public static let horizon = Omissions(5)
    /// A replica whose state differs from another's goes on.
    public static let digests = Omissions(6)
    /// A checkpoint as of an offset that was never read is taken as of the first one that was.
    public static let checkpointWithinReach = Omissions(7)
    /// Gone processes are forgotten after the sequence number was compared, not before.
    public static let forgettingFirst = Omissions(8)
    /// A settled permit may become free however early the settlement says.
    public static let settlementFloor = Omissions(9)
    /// A record with a known sequence number counts again.
    public static let duplicates = Omissions(10)
    /// A lease is settled by what was used of it so far, while it can still be used.
    public static let closedLeases = Omissions(11)
    /// A settlement that names nothing any more takes another run of its process.
    public static let settlementOnce = Omissions(12)
    /// Grants of a producer that was replaced are used when they are read back after all.
    public static let replacedProducers = Omissions(13)
    /// A jump of the broker's clock stops nobody.
    public static let clockWatch = Omissions(14)
    /// The watch takes the read-back's instant for the append's, and so a freeze for a jump.
    public static let watchBounds = Omissions(15)
}
