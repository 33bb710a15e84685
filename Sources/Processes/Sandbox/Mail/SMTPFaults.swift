import Synchronization

/// Faults of the mail server on demand: so that what a sender does about them can be seen.
///
/// A fault is set by ``add(_:)``, or lies in a recipient's address: mail to `fault-<stage>-<what>@…` meets it, as
/// `fault-rcpt-550@example.com`, `fault-dot-451@…`, `fault-dot-hang@…`, `fault-data-close@…`.
public final class SMTPFaults: Sendable {
    /// Where in the session it strikes; `dot` is after the whole message.
    public enum Stage: String, Sendable, Codable { case connect, ehlo, auth, mail, rcpt, data, dot }
    /// What the server does instead of answering as it should.
    public enum What: Sendable, Equatable {
        /// A reply in the place of the right one: `451 4.3.0 try later`.
        case reply(String)
        case close
        case hang
    }
    /// What strikes where, and how often.
    public struct Fault: Sendable {
        public var stage: Stage
        public var what: What
        /// Strikes so often.
        public var times: Int
        public init(_ stage: Stage, _ what: What, times: Int = 1) {
            self.stage = stage
            self.what = what
            self.times = times
        }
    }

    private let faults = Mutex<[Fault]>([])

    public init() {}
    /// Lets a fault strike after those that wait already; beyond a thousand they are not taken.
    public func add(_ fault: Fault) {
        faults.withLock { faults in
            guard faults.count < 1_000 else { return }
            faults.append(fault)
        }
    }
    /// Forgets the faults that have yet to strike.
    public func removeAll() { faults.withLock { $0 = [] } }
    /// Faults that have yet to strike.
    public var waiting: [Fault] { faults.withLock { $0 } }

    /// What happens at a stage, if anything: the first set fault, used up by one; else what a recipient's address says.
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
