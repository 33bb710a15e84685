import Synchronization

/// Faults of the mail server on demand, to show how a sender handles them.
///
/// A fault is set by ``add(_:)``, or by a recipient's address `fault-<stage>-<what>@…`, as
/// `fault-rcpt-550@example.com`, `fault-dot-451@…`, `fault-dot-hang@…`, `fault-data-close@…`.
public final class SMTPFaults: Sendable {
    /// Where in the session it occurs; `dot` is after the whole message.
    public enum Stage: String, Sendable, Codable { case connect, ehlo, auth, mail, rcpt, data, dot }
    /// What the server does instead of answering correctly.
    public enum What: Sendable, Equatable {
        /// A reply instead of the right one: `451 4.3.0 try later`.
        case reply(String)
        case close
        case hang
    }
    /// A fault, where it occurs, and how often.
    public struct Fault: Sendable {
        public var stage: Stage
        public var what: What
        /// How often it occurs.
        public var times: Int
        public init(_ stage: Stage, _ what: What, times: Int = 1) {
            self.stage = stage
            self.what = what
            self.times = times
        }
    }

    private let faults = Mutex<[Fault]>([])

    public init() {}
    /// Adds a fault after those that are set already; beyond a thousand it is ignored.
    public func add(_ fault: Fault) {
        faults.withLock { faults in
            guard faults.count < 1_000 else { return }
            faults.append(fault)
        }
    }
    /// Removes the faults that have not occurred yet.
    public func removeAll() { faults.withLock { $0 = [] } }
    /// The faults that have not occurred yet.
    public var waiting: [Fault] { faults.withLock { $0 } }

    /// The fault at a stage, if any: the first set fault, used up by one; else the one in a recipient's address.
    func strikes(_ stage: Stage, recipients: [String] = []) -> What? {
        let set: What? = faults.withLock { faults in
            guard let index = faults.firstIndex(where: { $0.stage == stage }) else { return nil }
            let what = faults[index].what
            faults[index].times -= 1
            if faults[index].times <= 0 { faults.remove(at: index) }
            return what
        }
        return set ?? recipients.lazy.compactMap { Self.inAddress($0, stage) }.first
    }

    private static func inAddress(_ address: String, _ stage: Stage) -> What? {
        let words = address.prefix { $0 != "@" }.split(separator: "-")
        guard words.count == 3, words[0] == "fault", words[1] == stage.rawValue else { return nil }
        switch words[2] {
        case "close": return .close
        case "hang": return .hang
        default:
            guard words[2].utf8.count == 3, let code = Int(words[2]), (400...599).contains(code) else { return nil }
            return .reply("\(code) \(code / 100).3.0 as the address asked for")
        }
    }
}
