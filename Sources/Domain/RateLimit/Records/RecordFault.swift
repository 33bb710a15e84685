/// Why bytes are no record of topic `ratelimit`.
public enum RecordFault: Error, Sendable, CustomStringConvertible {
    /// They do not begin as ours do: someone else wrote to the topic. Skipped by every replica, and counted.
    case foreign
    /// They are of rules that this program does not know. It grants nothing any more, and says so.
    case unknownRules(UInt8)
    /// They begin as ours do, and then are not as they must be; skipped by every replica, and counted.
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
