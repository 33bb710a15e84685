import Synchronization

/// Faults of the sandbox CRM on demand.
///
/// Set by ``add(_:)``, by `POST /sandbox/faults`
/// (`{"fault":"429","retryAfter":2,"times":3,"path":"/crm/v3/objects/deals"}`), or for one request by its header
/// `X-Sandbox-Fault: 429; retry-after=2`.
public final class CRMFaults: Sendable {
    /// What goes wrong. The request is not acted on, unless the name says `done`.
    public enum What: Sendable, Equatable {
        /// 401, 403, 409, 5xx: that answer.
        case status(Int)
        /// 400: a property is refused with this code, as by a portal that lacks an option or refuses an address.
        case refuses(property: String, code: String)
        /// 429 of the burst limit, or of the daily limit; `retryAfter` in seconds, nil: no such field.
        case rateLimited(daily: Bool, retryAfter: Int?)
        /// A redirect to another host.
        case redirect
        /// No answer, the connection stays open.
        case hang
        /// Acted on, no answer, the connection stays open.
        case hangDone
        /// The connection closes without an answer.
        case close
        /// Acted on, then the connection closes without an answer.
        case closeDone
        /// Acted on, half of the answer, then the connection closes.
        case half
        /// An answer of 100 MB.
        case huge
        /// The right answer, delayed.
        case slow(milliseconds: Int)
    }

    /// A fault, with the requests that it affects, and how often.
    public struct Fault: Sendable, Equatable {
        public var what: What
        /// How many requests it affects.
        public var times: Int
        /// It affects requests whose path has this prefix.
        public var path: String
        public init(_ what: What, times: Int = 1, path: String = "/crm/") {
            self.what = what
            self.times = times
            self.path = path
        }
    }

    private let faults = Mutex<[Fault]>([])

    init() {}
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

    func strikes(_ path: String) -> What? {
        faults.withLock { faults in
            guard let index = faults.firstIndex(where: { path.hasPrefix($0.path) }) else { return nil }
            let what = faults[index].what
            faults[index].times -= 1
            if faults[index].times <= 0 { faults.remove(at: index) }
            return what
        }
    }
}

extension CRMFaults.What {
    /// By its name: `INVALID_OPTION:dealstage` (code and property), `401`, `403`, `409`, `429`, `429-daily`, `500` …
    /// `599`, `redirect`, `hang`, `hang-done`, `close`, `close-done`, `half`, `huge`, `slow`.
    init?(name: String, retryAfter: Int? = nil, milliseconds: Int? = nil) {
        switch name {
        case "429": self = .rateLimited(daily: false, retryAfter: retryAfter)
        case "429-daily": self = .rateLimited(daily: true, retryAfter: retryAfter)
        case "redirect": self = .redirect
        case "hang": self = .hang
        case "hang-done": self = .hangDone
        case "close": self = .close
        case "close-done": self = .closeDone
        case "half": self = .half
        case "huge": self = .huge
        case "slow": self = .slow(milliseconds: milliseconds ?? 1_000)
        default:
            let parts = name.split(separator: ":")
            if parts.count == 2, parts[0].allSatisfy({ $0.isUppercase || $0 == "_" }) {
                self = .refuses(property: String(parts[1]), code: String(parts[0]))
                return
            }
            guard let status = Int(name), [401, 403, 409].contains(status) || (500...599).contains(status) else {
                return nil
            }
            self = .status(status)
        }
    }

    /// By the header's form: `429; retry-after=2`.
    init?(header: String) {
        let parts = header.split(separator: ";").map { $0.filter { $0 != " " } }
        func parameter(_ name: String) -> Int? {
            parts.dropFirst().first { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.count + 1)) }
        }
        guard let name = parts.first else { return nil }
        self.init(name: name, retryAfter: parameter("retry-after"), milliseconds: parameter("ms"))
    }
}
