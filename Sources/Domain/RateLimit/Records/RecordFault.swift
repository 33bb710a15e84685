/// Why bytes are not a valid record of topic `ratelimit`.
public enum RecordFault: Error, Sendable, CustomStringConvertible {
    /// They do not begin as ours do: someone else wrote to the topic. Skipped by every replica, and counted.
    case foreign
    /// They follow rules that this program does not know, by their version. It grants nothing from then on, and says
    /// so.
    case unknownRules(UInt8)
    /// They begin like ours but are malformed, at this offset, where the text names what should be there; skipped by
    /// every replica, and counted.
    case malformed(at: Int, StaticString)

    public var description: String {
        switch self {
        case .foreign:
            "not a record of the rate limit: it does not begin with byte 0x52; something else writes to this topic"
        case .unknownRules(let version):
            "a record of rules \(version), and this program knows rules \(Rules.version) only: upgrade it"
        case .malformed(let position, let what):
            "a malformed record of the rate limit: at byte \(position), where \(what) should be"
        }
    }
}
